// CaseJudge: judges one case after another, in this process or in one of its own that may die.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command.h"
#include "harness/cli/device.h"
#include "properties/search.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace attest {

struct Judged {
  CaseResult result;
  bool is_retried = false;  // a worker died of it before
};
/// The case with the kernel and property of a plan. One at a time.
using CaseJudge = std::function<Judged(const Case&, const PlannedCase&)>;

struct CaseJudgeOptions {
  /// A case that takes longer in a process of its own is a fault (finding timeout).
  std::int64_t timeout_milliseconds = 600'000;
};

/// In a worker process where the context names the program for one, else on an executor here.
/// A worker that dies is replaced and asked once more; a case that kills two is a fault (crash).
[[nodiscard]] CaseJudge make_case_judge(const Context& context,
                                        const DeviceChoice& device,
                                        bool has_checks,
                                        const CaseJudgeOptions& options);

/// `executor` with every check off that a job may leave out, when `has_checks` is false.
[[nodiscard]] std::shared_ptr<Executor> with_checks(std::unique_ptr<Executor> executor,
                                                    bool has_checks);

}  // namespace attest
