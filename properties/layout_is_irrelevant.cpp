// O is a function of values, not of where they lie: strides, gaps and bases change no bit.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

namespace attest {
namespace {

constexpr std::int64_t kAligned = 16;  // bytes, which every kernel takes

/// The other layout; gaps and skews gone where there were any, else drawn in whole 16 bytes.
Problem elsewhere(const Problem& problem) {
  Problem out = problem;
  out.layout = problem.layout == Layout::bshd ? Layout::bhsd : Layout::bshd;
  const std::int64_t unit = kAligned / size_bytes(problem.dtype);
  for (const Tensor tensor : kTensors) {
    const auto at = static_cast<std::size_t>(tensor);
    const std::uint64_t bits = derive_seed(problem.seed, at);
    const bool was_plain = problem.gap[at] == 0 && problem.skew[at] == 0;
    out.gap[at] = was_plain ? static_cast<std::int64_t>(bits % 4) * unit : 0;
    out.skew[at] = was_plain ? static_cast<std::int64_t>(bits / 4 % 4) * kAligned : 0;
  }
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Problem other = elsewhere(problem);
  const RowSource same = [](const RowAt& at) { return at; };
  Inputs moved = inputs;
  moved.q = remake_rows(other, Tensor::q, inputs.q, same);
  moved.k = remake_rows(other, Tensor::k, inputs.k, same);
  moved.v = remake_rows(other, Tensor::v, inputs.v, same);
  Trial trial(subject, which);
  if (!trial.takes(other)) return std::move(trial).result();
  ATTEST_TRY(const auto here, trial.run(problem, inputs));
  ATTEST_TRY(const auto there, trial.run(other, moved));
  if (!here || !there) return std::move(trial).result();
  Outputs expected = *there;
  for_each_output_row(
      problem, [&](const RowAt& at) { copy_output_row(other, expected, at, problem, *here, at); });
  trial.expect_equal(other, *there, expected);
  return std::move(trial).result();
}

}  // namespace

Property property_layout_is_irrelevant() {
  Property p;
  p.name = "layout_is_irrelevant";
  p.sentence = "the same values in another layout, with other gaps and bases, give the same bits";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/k_row_stride_packed";
  p.suspicions = {{.fault_class = FaultClass::addressing}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
