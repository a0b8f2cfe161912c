// Search: draws cases, runs them, and shrinks a failure while its signature stays the same.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/case.h"
#include "harness/record/corpus.h"
#include "harness/record/record.h"
#include "kernels/kernel_spec.h"
#include "kernels/operation_spec.h"
#include "properties/property.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// How much a run does. Numbers of cases and evaluations, never time.
struct Profile {
  std::string_view name;
  std::int64_t cases = 0;          // of attention, accepted by their kernels; refused ones on top
  std::int64_t shrink_budget = 0;  // evaluations per failure
  std::int64_t work = 0;        // per case at most: score pairs of whole tiles * head_dim/64 * runs
  bool draws_contract = false;  // else off, unless a flag says so
  std::int64_t operation_cases = 0;  // of operations, beside those of attention
  std::int64_t plans = 0;            // keys that the oracle cudnn builds plans for
};
[[nodiscard]] const std::vector<Profile>& all_profiles();
/// Errors  Code::bad_input, naming the text and the allowed names.
Result<Profile> find_profile(std::string_view name);

struct SearchOptions {
  std::vector<const KernelSpec*> kernels;
  std::vector<const OperationSpec*> operations;
  std::vector<const Property*> properties;
  std::vector<Dtype> dtypes;  // empty: all that a kernel claims
  Profile profile;            // set profile.cases for another number of them
  std::uint64_t seed = 0;
  std::string arch;                             // Mode::arch of every case
  MmaBits mma = MmaBits::exact;                 // Mode::mma of every case
  std::optional<std::uint64_t> schedule;        // absent: drawn with the case
  std::optional<Approx> approx;                 // absent: drawn with the case
  std::optional<Contract> contract;             // absent: as the profile says
  std::vector<Device> devices = {Device::ptx};  // each case on each; the GPU has a mode of its own
  std::vector<CorpusLine> corpus;  // replayed first, those of the kernels and properties above
  std::string
      gpu_arch;  // "sm_90": whose arithmetic the interpreter has where it is compared with one
};

struct PlannedCase {
  Case which;
  const KernelSpec* kernel = nullptr;        // of attention,
  const OperationSpec* operation = nullptr;  // or of an operation
  const Property* property = nullptr;
  std::string known{};  // of the corpus: why it must fail
};

/// Gives a run this many cases in all: a fifth of them of operations where both kinds are chosen.
void set_cases(SearchOptions& options, std::int64_t cases);

/// Every case of a run, in the order of the report. Kernels and their dtypes take turns; the n-th
/// case of one depends on its name, the options and n alone, so that a kernel more or less moves
/// where the cases of the others end, and none of them. After some rounds of single axis values, a
/// turn asks for a pair of them that the cases before it have not met.
struct Plan {
  std::vector<PlannedCase> cases;  // no two with the same id
  std::int64_t refused = 0;        // of them; run_case() answers those at once
  std::int64_t discarded = 0;      // draws that the property says nothing about
  std::int64_t duplicates = 0;     // draws that were in the plan already
};
/// A property that compares devices has no turns, so that the other cases do not depend on whether a
/// GPU is here: it takes over some cases of the others, and without a GPU one a kernel, which is
/// not_run. Alone it has the turns, where a GPU is.
///
/// Draws until as many accepted ones are there as the profile says, or nothing new can be drawn;
/// those of operations, for properties that speak of them, evenly among those of attention, which
/// do not depend on them. Empty where no kernel claims any of the dtypes. Before all of them stand
/// the cases of the corpus.
[[nodiscard]] Plan plan_cases(const SearchOptions& options);

/// XXH3-128 of the cases' replay lines and of the kernels' PTX, as 32 hex digits.
[[nodiscard]] std::string digest(const Plan& plan);

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
