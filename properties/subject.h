// Subject: anything that computes attention, a kernel on an executor or the reference itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/case.h"
#include "harness/problem/data.h"
#include "kernels/kernel_spec.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// What a subject answered for one set of inputs.
struct Answer {
  Outputs outputs;
  std::vector<Finding> findings;
  std::vector<LaunchRecord> launches;
};

/// A problem that a subject is asked.
struct Call {
  const Problem* problem = nullptr;
  const Inputs* inputs = nullptr;
};

/// How one run is done: the case's mode, and what a right answer must not depend on.
struct Conditions {
  Mode mode{};
  std::uint8_t dirt = 0xff;       // byte that the outputs hold before the run
  const Call* earlier = nullptr;  // what the subject is asked just before, if anything
};

struct Subject {
  std::string name;
  std::string arch;  // constants of the bound where the mode names none: "sm_80"
  std::function<Arithmetic(const Problem&)> arithmetic;
  /// Why the problem is not taken, or nothing when it is.
  std::function<std::optional<std::string>(const Problem&)> refusal;
  std::function<Result<Answer>(const Problem&, const Inputs&, const Conditions&)> run;
};

/// A kernel on an executor: buffers as AttentionBuffer numbers them, outputs poisoned, the gaps
/// between the rows of O checked after the run (finding guard_band). Refers to both arguments.
/// Errors of run()  those of Executor::run.
[[nodiscard]] Subject kernel_subject(const KernelSpec& kernel, Executor& executor);

/// The reference, rounded to the problem's dtype: it satisfies every property.
[[nodiscard]] Subject reference_subject();

}  // namespace attest
