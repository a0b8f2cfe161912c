// How runs and judgements add up to one result: findings first, then the first divergence.
// SPDX-License-Identifier: Apache-2.0
#include "properties/trial.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace attest {
namespace {

LaunchSummary summary(const LaunchRecord& launch) {
  return {launch.kernel, launch.grid, launch.block, launch.counts};
}

DivergenceRecord record(const Divergence& d) {
  DivergenceRecord out;
  out.tier = name(d.tier);
  out.tensor = d.tensor;
  out.index = d.index;
  out.got = d.got;
  out.want = d.want;
  out.bound = d.bound;
  out.got_bits = d.got_bits;
  out.want_bits = d.want_bits;
  out.wrong = d.wrong;
  out.total = d.total;
  out.pattern = d.pattern;
  out.bound_terms = d.bound_terms;
  return out;
}

}  // namespace

Trial::Trial(const Subject& subject, const Case& which) : subject_(subject) {
  result_.which = which;
  result_.verdict = Verdict::agree;
}

Result<std::optional<Outputs>> Trial::run(const Problem& problem, const Inputs& inputs) {
  return run(problem, inputs, Conditions{.mode = result_.which.mode});
}

Result<std::optional<Outputs>> Trial::run(const Problem& problem,
                                          const Inputs& inputs,
                                          const Conditions& conditions) {
  if (!result_.findings.empty()) return std::optional<Outputs>();
  ATTEST_TRY(Answer answer, subject_.run(problem, inputs, conditions));
  std::transform(answer.launches.begin(),
                 answer.launches.end(),
                 std::back_inserter(result_.launches),
                 summary);
  if (answer.findings.empty()) return std::optional<Outputs>(std::move(answer.outputs));
  result_.verdict = Verdict::fault;
  result_.findings = std::move(answer.findings);
  result_.divergence.reset();
  return std::optional<Outputs>();
}

void Trial::expect_within_bound(const Problem& problem,
                                const Outputs& outputs,
                                const ReferenceTerms& terms) {
  const Mode& mode = result_.which.mode;
  Arithmetic arithmetic = subject_.arithmetic(problem);
  if (mode.mma == MmaBits::fast) arithmetic.accumulate = Accumulate::fma_f32;
  add(judge(problem, outputs, terms, arithmetic, mode.arch.empty() ? subject_.arch : mode.arch));
}

void Trial::expect_equal(const Problem& problem, const Outputs& outputs, const Outputs& expected) {
  add(judge_bitwise(problem, outputs, expected));
}

void Trial::add(const Judgement& judgement) {
  if (result_.verdict == Verdict::fault) return;
  result_.ratio_o = std::max(result_.ratio_o, judgement.ratio_o);
  result_.ratio_lse = std::max(result_.ratio_lse, judgement.ratio_lse);
  if (judgement.verdict == Verdict::agree) return;
  result_.verdict = Verdict::disagree;
  if (!result_.divergence && judgement.divergence)
    result_.divergence = record(*judgement.divergence);
}

}  // namespace attest
