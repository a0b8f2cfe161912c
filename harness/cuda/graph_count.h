// Kernels of work that is captured into a CUDA graph instead of run: the count where CUPTI is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/driver.h"
#include "harness/executor/executor.h"

#include <functional>
#include <vector>

namespace attest::cuda {

/// The kernel nodes of what `enqueue` puts on the stream; nothing of it runs.
/// Errors  those of `enqueue` and of the driver; Code::unsupported where it has no graphs.
Result<std::vector<LaunchRecord>> count_captured(const Driver& driver,
                                                 CUstream stream,
                                                 const std::function<Status()>& enqueue);

}  // namespace attest::cuda
