// Trial: one case under way; runs its subject and collects what the result says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/expected.h"
#include "harness/judge/operation_judge.h"
#include "harness/problem/terms.h"
#include "harness/record/record.h"
#include "properties/operation_subject.h"
#include "properties/subject.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attest {

/// What the record keeps of a launch, and of a divergence.
[[nodiscard]] LaunchSummary summary(const LaunchRecord& launch);
[[nodiscard]] DivergenceRecord to_record(const Divergence& divergence);

/// What runs and judgements of one case add up to: findings first, then the first divergence.
class CaseLog {
 public:
  explicit CaseLog(const Case& which);

  /// Adds what a run did. False when it has findings: then nothing is left to compare.
  bool take(const std::vector<LaunchRecord>& launches, std::vector<Finding> findings);
  void add(const Judgement& judgement);
  /// Makes the verdict and the divergence those of a disagreement; its ratios are not of the bound.
  void disagree(const Judgement& judgement);
  /// Adds the ratio to what is likely alone.
  void add_likely(const Judgement& judgement);
  void compare_unfused(double largest_error) {
    if (result_.errors) result_.errors->unfused_max = largest_error;
  }
  /// Keeps an agreement, and says what it was that was not confirmed.
  void note_unconfirmed(std::string what) { result_.reason = std::move(what); }
  void add_ulps(const UlpRecord& ulps) { result_.ulps = ulps; }
  /// Ends the case as refused, unless there is a finding or a divergence already.
  void refuse(std::string reason);

  [[nodiscard]] bool has_finding() const { return !result_.findings.empty(); }
  [[nodiscard]] bool agrees() const { return result_.verdict == Verdict::agree; }
  [[nodiscard]] const Mode& mode() const { return result_.which.mode; }
  /// As the case's mode has it: fast mma accumulate as fma do.
  [[nodiscard]] Arithmetic arithmetic(Arithmetic of_kernel) const {
    if (mode().mma == MmaBits::fast) of_kernel.accumulate = Accumulate::fma_f32;
    return of_kernel;
  }
  /// The mode's architecture, or this one where it names none.
  [[nodiscard]] std::string_view arch(std::string_view own) const {
    return mode().arch.empty() ? own : mode().arch;
  }
  [[nodiscard]] CaseResult result() && { return std::move(result_); }

 private:
  CaseResult result_;
};

class Trial {
 public:
  /// Refers to the subject, which outlives it.
  Trial(const Subject& subject, const Case& which) : subject_(subject), log_(which) {}

  /// Runs the subject under the case's mode, or under `conditions`, and adds launches and findings.
  /// Returns the outputs, or nothing once there is a finding: then nothing is left to compare.
  /// Errors  those of Subject::run.
  Result<std::optional<Outputs>> run(const Problem& problem, const Inputs& inputs);
  Result<std::optional<Outputs>> run(const Problem& problem,
                                     const Inputs& inputs,
                                     const Conditions& conditions);

  /// Judges outputs within the bound of these terms.
  void expect_within_bound(const Problem& problem,
                           const Outputs& outputs,
                           const ReferenceTerms& terms);
  /// Whether outputs that agree lie within what is likely, where the mode lets that be asked and the
  /// terms have it. Adds the ratio; what a violation means is the caller's to say.
  [[nodiscard]] std::optional<Judgement> unlikely(const Problem& problem,
                                                  const Outputs& outputs,
                                                  const ReferenceTerms& terms);
  /// Adds the largest error of attention step by step, by which the kernel's is measured.
  void compare_unfused(double largest_error) { log_.compare_unfused(largest_error); }
  void confirm(const Judgement& violation) { log_.disagree(violation); }
  void leave_unconfirmed(std::string what) { log_.note_unconfirmed(std::move(what)); }
  [[nodiscard]] bool agrees() const { return log_.agrees(); }
  /// Judges `outputs` bit for bit against `expected`.
  void expect_equal(const Problem& problem, const Outputs& outputs, const Outputs& expected);
  void expect(const Problem& problem, const Outputs& outputs, const Expected& expected);
  /// What a law has judged by itself.
  void expect(const Judgement& judgement) { log_.add(judgement); }

  /// What expect_within_bound() expects.
  [[nodiscard]] Expected expected(const Problem& problem, const ReferenceTerms& terms) const;
  [[nodiscard]] Bound bound(const Problem& problem) const;
  /// Counts the errors of O beside those of the unfused computation, for the reports.
  void count_ulps(const Outputs& outputs,
                  const std::vector<double>& unfused,
                  const ReferenceTerms& terms);
  /// Whether the subject takes another problem that a law speaks of; if not, the case is refused.
  bool takes(const Problem& problem);
  [[nodiscard]] const Mode& mode() const { return log_.mode(); }

  [[nodiscard]] CaseResult result() && { return std::move(log_).result(); }

 private:
  [[nodiscard]] Arithmetic arithmetic(const Problem& problem) const {
    return log_.arithmetic(subject_.arithmetic(problem));
  }

  const Subject& subject_;
  CaseLog log_;
};

/// The same of an operation.
class OperationTrial {
 public:
  OperationTrial(const OperationSubject& subject, const Case& which)
      : subject_(subject), log_(which) {}

  Result<std::optional<OperationOutputs>> run(const Operation& operation,
                                              const Operands& operands,
                                              const Conditions& conditions);
  void expect_within_bound(const Operation& operation,
                           const OperationOutputs& outputs,
                           const OperationTerms& terms);
  void expect_equal(const Operation& operation,
                    const OperationOutputs& outputs,
                    const OperationOutputs& expected);

  [[nodiscard]] CaseResult result() && { return std::move(log_).result(); }

 private:
  const OperationSubject& subject_;
  CaseLog log_;
};

}  // namespace attest
