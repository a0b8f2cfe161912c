// Trial: one case under way; runs its subject and collects what the result says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/judge.h"
#include "harness/problem/terms.h"
#include "harness/record/record.h"
#include "properties/subject.h"

#include <optional>

namespace attest {

class Trial {
 public:
  /// Refers to both, which outlive it.
  Trial(const Subject& subject, const Case& which);

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
  /// Judges `outputs` bit for bit against `expected`.
  void expect_equal(const Problem& problem, const Outputs& outputs, const Outputs& expected);

  [[nodiscard]] CaseResult result() && { return std::move(result_); }

 private:
  void add(const Judgement& judgement);

  const Subject& subject_;
  CaseResult result_;
};

}  // namespace attest
