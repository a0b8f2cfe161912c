// How runs and judgements add up to one result: findings first, then the first divergence.
// SPDX-License-Identifier: Apache-2.0
#include "properties/trial.h"

#include "harness/judge/ulps.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace attest {

LaunchSummary summary(const LaunchRecord& launch) {
  return {launch.kernel, launch.grid, launch.block, launch.counts};
}

DivergenceRecord to_record(const Divergence& d) {
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

CaseLog::CaseLog(const Case& which) {
  result_.which = which;
  result_.verdict = Verdict::agree;
}

bool CaseLog::take(const std::vector<LaunchRecord>& launches, std::vector<Finding> findings) {
  std::transform(launches.begin(), launches.end(), std::back_inserter(result_.launches), summary);
  if (findings.empty()) return true;
  result_.verdict = Verdict::fault;
  result_.findings = std::move(findings);
  result_.divergence.reset();
  return false;
}

void CaseLog::add(const Judgement& judgement) {
  if (result_.verdict == Verdict::fault) return;
  if (judgement.ratio_o > result_.ratio_o) {
    result_.ratio_o = judgement.ratio_o;
    result_.worst_o = judgement.worst_o;
  }
  result_.ratio_lse = std::max(result_.ratio_lse, judgement.ratio_lse);
  result_.errors = judgement.errors;
  if (judgement.verdict != Verdict::agree) disagree(judgement);
}

void CaseLog::disagree(const Judgement& judgement) {
  result_.verdict = Verdict::disagree;
  result_.errors.reset();
  if (!result_.divergence && judgement.divergence)
    result_.divergence = to_record(*judgement.divergence);
}

void CaseLog::add_likely(const Judgement& judgement) {
  result_.ratio_likely = std::max({result_.ratio_likely, judgement.ratio_o, judgement.ratio_lse});
}

void CaseLog::refuse(std::string reason) {
  if (result_.verdict != Verdict::agree) return;
  result_.verdict = Verdict::refused;
  result_.reason = std::move(reason);
}

Result<std::optional<Outputs>> Trial::run(const Problem& problem, const Inputs& inputs) {
  return run(problem, inputs, Conditions{.mode = log_.mode()});
}

Result<std::optional<Outputs>> Trial::run(const Problem& problem,
                                          const Inputs& inputs,
                                          const Conditions& conditions) {
  if (log_.has_finding()) return std::optional<Outputs>();
  ATTEST_TRY(Answer answer, subject_.run(problem, inputs, conditions));
  const bool is_clean = log_.take(answer.launches, std::move(answer.findings));
  return is_clean ? std::optional(std::move(answer.outputs)) : std::nullopt;
}

void Trial::expect_within_bound(const Problem& problem,
                                const Outputs& outputs,
                                const ReferenceTerms& terms) {
  log_.add(judge(problem, outputs, terms, arithmetic(problem), log_.arch(subject_.arch)));
}

std::optional<Judgement> Trial::unlikely(const Problem& problem,
                                         const Outputs& outputs,
                                         const ReferenceTerms& terms) {
  if (!terms.likely || !log_.agrees()) return std::nullopt;
  Judgement judgement =
      judge_likely(problem, outputs, terms, arithmetic(problem), log_.arch(subject_.arch));
  log_.add_likely(judgement);
  if (judgement.verdict == Verdict::agree) return std::nullopt;
  return judgement;
}

void Trial::expect_equal(const Problem& problem, const Outputs& outputs, const Outputs& expected) {
  log_.add(judge_bitwise(problem, outputs, expected));
}

void Trial::expect(const Problem& problem, const Outputs& outputs, const Expected& expected) {
  log_.add(judge_expected(problem, outputs, expected));
}

Expected Trial::expected(const Problem& problem, const ReferenceTerms& terms) const {
  return expected_of(problem, terms, arithmetic(problem), log_.arch(subject_.arch));
}

Bound Trial::bound(const Problem& problem) const {
  return {problem, arithmetic(problem), log_.arch(subject_.arch)};
}

void Trial::count_ulps(const Outputs& outputs,
                       const std::vector<double>& unfused,
                       const ReferenceTerms& terms) {
  const auto elements = static_cast<std::size_t>(outputs.o.layout.elements());
  if (elements != terms.o.size()) return;  // the judge says so
  log_.add_ulps(ulp_record(outputs.o, unfused, terms.o));
}

bool Trial::takes(const Problem& problem) {
  const auto refusal = subject_.refusal(problem);
  if (refusal) log_.refuse("of the other problem: " + *refusal);
  return !refusal;
}

Result<std::optional<OperationOutputs>> OperationTrial::run(const Operation& operation,
                                                            const Operands& operands,
                                                            const Conditions& conditions) {
  if (log_.has_finding()) return std::optional<OperationOutputs>();
  ATTEST_TRY(OperationAnswer answer, subject_.run(operation, operands, conditions));
  const bool is_clean = log_.take(answer.launches, std::move(answer.findings));
  return is_clean ? std::optional(std::move(answer.outputs)) : std::nullopt;
}

void OperationTrial::expect_within_bound(const Operation& operation,
                                         const OperationOutputs& outputs,
                                         const OperationTerms& terms) {
  const Arithmetic arithmetic = log_.arithmetic(subject_.arithmetic(operation));
  log_.add(judge_operation(operation, outputs, terms, arithmetic, log_.arch(subject_.arch)));
}

void OperationTrial::expect_equal(const Operation& operation,
                                  const OperationOutputs& outputs,
                                  const OperationOutputs& expected) {
  log_.add(judge_operation_bitwise(operation, outputs, expected));
}

}  // namespace attest
