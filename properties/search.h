// Search: runs cases, and shrinks a failure while its signature stays the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/case.h"
#include "harness/record/record.h"
#include "properties/plan.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace attest {

/// One case, judged; use one executor per thread. An executor's Error (PTX that does not parse or
/// is not implemented) becomes not_run with its text as the reason.
[[nodiscard]] CaseResult run_case(const Case& which,
                                  const KernelSpec& kernel,
                                  const Property& property,
                                  Executor& executor);
[[nodiscard]] CaseResult run_case(const Case& which,
                                  const OperationSpec& kernel,
                                  const Property& property,
                                  Executor& executor);
/// With the kernel and property of a plan.
[[nodiscard]] CaseResult run_case(const Case& which,
                                  const PlannedCase& planned,
                                  Executor& executor);
/// The same for any subject.
[[nodiscard]] CaseResult run_case(const Case& which,
                                  const Subject& subject,
                                  const Property& property);
[[nodiscard]] CaseResult run_case(const Case& which,
                                  const OperationSubject& subject,
                                  const Property& property);

/// What makes two failures the same one. Never an index or a size.
struct Signature {
  Verdict verdict = Verdict::not_run;
  std::string kind;                // finding kind, or tier
  std::string tensor;              // of a divergence, or the allocation of a finding
  std::vector<std::string> lines;  // "file:line" of a finding's parties, sorted
  friend bool operator==(const Signature&, const Signature&) = default;
};
[[nodiscard]] Signature signature_of(const CaseResult& result);
[[nodiscard]] bool is_failure(const CaseResult& result);  // disagree or fault

/// Indices, ascending, of the first failure of each (kernel, signature): these are shrunk and
/// become FailureRecords. The others stay failing cases of the run, and so do known ones.
[[nodiscard]] std::vector<std::size_t> distinct_failures(const std::vector<CaseResult>& results);

/// Results with the kernel and signature of results[n], itself counted.
[[nodiscard]] std::int64_t same_failures(const std::vector<CaseResult>& results, std::size_t n);

using Evaluate = std::function<CaseResult(const Case&)>;

/// Axes of the mode that a flag fixed.
struct KeptAxes {
  bool schedule = false;
  bool approx = false;
  bool contract = false;
};

struct ShrinkOptions {
  std::int64_t budget = 0;  // evaluations; refused cases cost none
  KeptAxes kept{};
};

/// Every case one step simpler than `which`, simplest first, all valid: each size to 0, 1, half and
/// minus one; one mask or option removed; data, layout, strides or an axis of the mode simpler.
/// The seed stays.
[[nodiscard]] std::vector<Case> shrink_steps(const Case& which, const KeptAxes& kept = {});

/// Greedy: takes the first step that keeps the signature until none does, or the budget is spent.
/// `found` failed. Deterministic where `evaluate` is; the caller may run several at once.
[[nodiscard]] FailureRecord shrink(const CaseResult& found,
                                   const Evaluate& evaluate,
                                   const ShrinkOptions& options);

}  // namespace attest
