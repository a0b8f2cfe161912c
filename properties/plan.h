// Plan: every case of a run, drawn before any of them is run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/case.h"
#include "harness/record/corpus.h"
#include "kernels/kernel_spec.h"
#include "kernels/operation_spec.h"
#include "properties/profile.h"
#include "properties/property.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attest {

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

}  // namespace attest
