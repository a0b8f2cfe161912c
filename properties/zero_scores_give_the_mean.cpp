// With Q = 0 every weight is 1: O is the mean of V, exactly where the number of keys allows it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/elementary.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

// 1/n is off by at most 2^-22, relative, and exact where n is a power of two: of the whole sum, which
// is exact, or of each value that is added. ln n and the rounding of it: at most 2^-21 (1 + ln n).
constexpr double kDivision = 0x1p-22;
constexpr double kLogarithm = 0x1p-21;

double small_integer(std::uint64_t seed, const RowAt& at, std::int64_t column) {
  const std::uint64_t row = random_bits(seed, 0x7a73, static_cast<std::uint64_t>(at.row));
  const std::uint64_t bits = random_bits(
      row, static_cast<std::uint64_t>(at.batch * 64 + at.head), static_cast<std::uint64_t>(column));
  return static_cast<double>(bits % 17) - 8;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  inputs.q = remake_values(problem, Tensor::q, [](const RowAt&, std::int64_t) { return 0.0; });
  inputs.k = remake_values(problem, Tensor::k, [&](const RowAt& at, std::int64_t d) {
    const double value = inputs.k.value(at.batch, at.head, at.row, d);
    return std::isfinite(value) ? value : 1;
  });
  inputs.v = remake_values(problem, Tensor::v, [&](const RowAt& at, std::int64_t d) {
    return small_integer(problem.seed, at, d);
  });
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  Expected expected = expected_of(problem, *outputs);
  expected.because = "the mean of integers over a power of two";
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, b, i);
      if (kept.empty()) continue;
      const auto count = static_cast<double>(kept.size());
      const bool is_exact = (kept.size() & (kept.size() - 1)) == 0;
      const double log = natural_log(count);
      for (std::int64_t h = 0; h < problem.heads_q; ++h) {
        const std::size_t row = row_index(problem, {b, h, i});
        expected.lse[row] = {log, rounding_of(kLogarithm * (1 + log)), false};
        for (std::size_t d = 0; d < columns; ++d) {
          double sum = 0;
          double magnitude = 0;
          for (const std::int64_t j : kept) {
            const double v = inputs.v.value(b, h / group, j, static_cast<std::int64_t>(d));
            sum += v;
            magnitude += std::fabs(v);
          }
          const double mean = sum / count;
          const double error = kDivision * magnitude / count +
                               1.01 * unit_roundoff(problem.dtype) * std::fabs(mean) +
                               smallest_subnormal(problem.dtype) / 2;
          expected.o[row * columns + d] = {mean, rounding_of(error), is_exact};
        }
      }
    }
  }
  trial.expect(problem, *outputs, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return hides_by_minus_infinity(problem);
}

/// Half of the time a power of two of keys.
Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  if (bits % 2 == 0 || out.seq_kv < 2) return out;
  std::int64_t keys = 1;
  while (2 * keys <= out.seq_kv)
    keys *= 2;
  out.seq_kv = keys;
  if (out.mask.kv_lengths) {
    for (std::int64_t& length : *out.mask.kv_lengths)
      length = std::min(length, keys);
  }
  return out;
}

}  // namespace

Property property_zero_scores_give_the_mean() {
  Property p;
  p.name = "zero_scores_give_the_mean";
  p.sentence = "Q = 0 and integer V give the mean of V, exact over 2^n keys, and LSE = ln(keys)";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/drops_last_key";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::softmax}, {.fault_class = FaultClass::mask}};
  p.runs = 1;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
