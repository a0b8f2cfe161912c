// O is linear in V: V times -2^k gives O times -2^k, bit for bit where nothing leaves the normal
// range.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/element.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

// Weights of at least 2^-40 (kFlat nats below the maximum), values of at least 2^-12: products and
// rescaled sums stay normal in f32, so that scaling them by a power of two changes no rounding.
constexpr double kFlat = 27;
constexpr double kLeast = 0x1p-12;
constexpr double kLarge = 0x1p10;

/// `factor` is a power of two, or minus one; both tensors are free of subnormal values.
struct Scaled {
  HostTensor v;
  HostTensor times_factor;
  double factor = 0;
};

Scaled scale_values(const Problem& problem, const HostTensor& v) {
  Scaled out;
  out.factor = largest_magnitude(v) <= kLarge ? -4 : -0.25;
  const auto of = [&](double factor) {
    return remake_values(problem, Tensor::v, [&v, factor](const RowAt& at, std::int64_t d) {
      const double value = v.value(at.batch, at.head, at.row, d);
      return std::fabs(value) < kLeast ? 0 : factor * value;
    });
  };
  out.v = of(1);
  out.times_factor = of(out.factor);
  return out;
}

/// Whether no weight of the row is so small that its products may leave the normal range.
bool is_flat(const Problem& problem, const ReferenceTerms& terms, std::size_t row) {
  const double fill = std::isfinite(problem.fill) ? std::fabs(problem.fill) : 0;
  return 2 * std::max(terms.products_max[row], fill) <= kFlat;
}

ExpectedElement scaled_element(
    Dtype dtype, double value, double factor, const BoundParts& bound, bool is_flat) {
  const double want = factor * finite_value(value, dtype);
  const double least = 4 * smallest_normal(dtype);
  const double most = largest_finite(dtype) / 8;
  const double size = std::fabs(value);
  if (is_flat && size >= least && size <= most && std::fabs(want) <= most) return {want, {}, true};
  if (is_flat && size < least)
    return {want, rounding_of(smallest_subnormal(dtype) * (1 + std::fabs(factor))), false};
  return {want, rounding_of((1 + std::fabs(factor)) * bound.total), false};
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  const Scaled values = scale_values(problem, inputs.v);
  inputs.v = values.v;
  Inputs scaled = inputs;
  scaled.v = values.times_factor;
  Trial trial(subject, which);
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  ATTEST_TRY(const auto after, trial.run(problem, scaled));
  if (!before || !after) return std::move(trial).result();
  const ReferenceTerms terms = reference_attention(problem, inputs);
  const Expected bounds = trial.expected(problem, terms);
  Expected expected = expected_of(problem, *before);
  expected.because = "a power of two times the other answer";
  std::size_t e = 0;
  for_each_output_row(problem, [&](const RowAt& at) {
    const bool flat = is_flat(problem, terms, row_index(problem, at));
    for (std::int64_t d = 0; d < problem.head_dim_v; ++d, ++e) {
      const double value = before->o.value(at.batch, at.head, at.row, d);
      expected.o[e] = scaled_element(problem.dtype, value, values.factor, bounds.o[e].bound, flat);
    }
  });
  trial.expect(problem, *after, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_values_scaled() {
  Property p;
  p.name = "values_scaled";
  p.sentence = "V times -2^k gives O times -2^k, bit for bit away from subnormal and overflow";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/output_clamped";
  p.suspicions = {{.fault_class = FaultClass::output}, {.fault_class = FaultClass::accumulation}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
