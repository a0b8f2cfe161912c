// KernelTrace: the kernels that really ran, as CUPTI saw them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <string>
#include <vector>

namespace attest::cuda {

/// Whether CUPTI can trace here; opened once a process, before the first launch.
/// Errors  Code::unsupported: not built, no library, another version than built for, or refused, with
///         CUPTI's own word.
Result<std::string> start_trace();
/// The version of the installed library, also without a GPU. Errors  Code::unsupported.
Result<std::string> cupti_version();

/// Forgets what was recorded so far.
void clear_trace();
/// What was recorded since, in the order in which it began. Call after a synchronisation.
/// Errors  Code::io when CUPTI dropped records.
Result<std::vector<LaunchRecord>> take_trace();

}  // namespace attest::cuda
