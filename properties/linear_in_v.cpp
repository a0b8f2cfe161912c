// O is linear in V: what the even keys give and what the odd keys give add up to the whole.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <array>
#include <cmath>

namespace attest {
namespace {

/// All three runs have the same Q and K, so the same weights to the last bit, rounded or not: what
/// is left is the accumulation of P*V, the division and the output's rounding, of each.
BoundParts parts_of_values(const Problem& problem,
                           const ReferenceTerms& terms,
                           const Bound& bound,
                           std::size_t row,
                           std::size_t element,
                           double got) {
  if (terms.kept[row] == 0) return {};
  const Bound::Row shared = bound.row(terms, row);
  const BoundParts all = bound.output(terms, shared, element);
  BoundParts out;
  out.accumulation = all.accumulation;
  out.underflow = all.underflow;
  out.row_sum = 1.01 * shared.division * (std::fabs(got) + all.accumulation + all.underflow);
  out.rounding =
      1.01 * unit_roundoff(problem.dtype) * std::fabs(got) + smallest_subnormal(problem.dtype) / 2;
  out.total = out.before_rounding() + out.rounding;
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs drawn = draw_inputs(problem);
  const double shrink = largest_magnitude(drawn.v) > 0x1p10 ? 0.25 : 1;  // no sum overflows
  const auto with_keys = [&](int parity) {
    Inputs out = drawn;
    out.v = remake_values(problem, Tensor::v, [&](const RowAt& at, std::int64_t d) {
      const double v = shrink * drawn.v.value(at.batch, at.head, at.row, d);
      return parity == 2 || at.row % 2 == parity ? v : 0;
    });
    return out;
  };
  Trial trial(subject, which);
  std::array<Outputs, 3> answers;  // even keys, odd keys, all
  std::array<ReferenceTerms, 3> terms;
  for (int parity = 0; parity < 3; ++parity) {
    const Inputs inputs = with_keys(parity);
    ATTEST_TRY(auto outputs, trial.run(problem, inputs));
    if (!outputs) return std::move(trial).result();
    const auto at = static_cast<std::size_t>(parity);
    answers[at] = std::move(*outputs);
    terms[at] = reference_attention(problem, inputs);
  }
  const Bound bound = trial.bound(problem);
  Expected expected = expected_of(problem, answers[2]);
  std::size_t e = 0;
  for_each_output_row(problem, [&](const RowAt& at) {
    const std::size_t row = row_index(problem, at);
    expected.lse[row].value = static_cast<double>(answers[0].lse[row]);
    for (std::int64_t d = 0; d < problem.head_dim_v; ++d, ++e) {
      ExpectedElement want{0, {}, false};
      for (std::size_t n = 0; n < 3; ++n) {
        const double got = answers[n].o.value(at.batch, at.head, at.row, d);
        if (n < 2) want.value += got;
        want.bound = sum_of(want.bound, parts_of_values(problem, terms[n], bound, row, e, got));
      }
      expected.o[e] = want;
    }
  });
  trial.expect(problem, answers[2], expected);
  return std::move(trial).result();
}

}  // namespace

Property property_linear_in_v() {
  Property p;
  p.name = "linear_in_v";
  p.sentence = "O(V of even keys) + O(V of odd keys) = O(V), within the rounding of sums; LSE too";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/output_clamped";
  p.suspicions = {{.fault_class = FaultClass::accumulation}, {.fault_class = FaultClass::output}};
  p.runs = 3;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
