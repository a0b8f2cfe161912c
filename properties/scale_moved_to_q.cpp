// Scores are scale * (q.k): a power of two, or a sign, moved from the scale to Q changes no bit.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

#include <cmath>

namespace attest {
namespace {

constexpr double kLarge = 0x1p13;  // q of this size takes no factor of two in f16

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  const double factor = largest_magnitude(inputs.q) <= kLarge ? -2 : -0.5;
  const double least = 4 * smallest_normal(problem.dtype);
  const auto times = [&](double by) {
    return remake_values(problem, Tensor::q, [&](const RowAt& at, std::int64_t d) {
      const double value = inputs.q.value(at.batch, at.head, at.row, d);
      return std::fabs(value) < least ? 0 : by * value;
    });
  };
  Inputs scaled = inputs;
  scaled.q = times(factor);
  inputs.q = times(1);
  Problem other = problem;
  other.scale = static_cast<double>(effective_scale(problem)) / factor;
  Trial trial(subject, which);
  if (!trial.takes(other)) return std::move(trial).result();
  ATTEST_TRY(const auto before, trial.run(problem, inputs));
  ATTEST_TRY(const auto after, trial.run(other, scaled));
  if (before && after) trial.expect_equal(problem, *after, *before);
  return std::move(trial).result();
}

}  // namespace

Property property_scale_moved_to_q() {
  Property p;
  p.name = "scale_moved_to_q";
  p.sentence = "Q times -2^k with a scale divided by it gives the same bits";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/scale_of_head_dim";
  p.suspicions = {{.fault_class = FaultClass::scores}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
