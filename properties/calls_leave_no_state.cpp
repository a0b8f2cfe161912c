// A call leaves nothing behind: after another problem, and in dirty memory, the bits are the same.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/trial.h"

#include <algorithm>

namespace attest {
namespace {

constexpr std::uint8_t kOtherDirt = 0x3c;  // about 1 in f16 and bf16: a value that looks right

/// Another shape, scale, mask and data, small and of the same head size.
Problem stranger(const Problem& problem) {
  Problem out;
  out.heads_q = 2;
  out.seq_q = 3;
  out.seq_kv = problem.seq_kv % 64 + 5;
  out.head_dim = problem.head_dim;
  out.head_dim_v = problem.head_dim_v;
  out.dtype = problem.dtype;
  out.mask.kv_lengths = {out.seq_kv - 1};
  out.scale = -3 * static_cast<double>(effective_scale(problem)) - 0.25;
  out.seed = derive_seed(problem.seed, 0);
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Problem other = stranger(problem);
  const Inputs of_other = draw_inputs(other);
  Trial trial(subject, which);
  if (!trial.takes(other)) return std::move(trial).result();
  ATTEST_TRY(const auto first, trial.run(problem, inputs));
  const Call earlier{&other, &of_other};
  ATTEST_TRY(const auto later,
             trial.run(problem,
                       inputs,
                       Conditions{.mode = which.mode, .dirt = kOtherDirt, .earlier = &earlier}));
  if (first && later) trial.expect_equal(problem, *later, *first);
  return std::move(trial).result();
}

}  // namespace

Property property_calls_leave_no_state() {
  Property p;
  p.name = "calls_leave_no_state";
  p.sentence = "a call after one with another shape and scale, in dirty memory, has the same bits";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/scale_latched";
  p.suspicions = {{.fault_class = FaultClass::state}};
  p.runs = 2;
  p.applies = [](const Problem&) { return true; };
  p.focus = [](const Problem& problem, std::uint64_t) { return problem; };
  p.check = check;
  return p;
}

}  // namespace attest
