// A Problem executed by cuDNN on this machine's GPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem.h"
#include "reference/oracle/cudnn/protocol.h"

namespace attest {

/// O and LSE as they came from the GPU, decoded, and the engine.
/// Errors  Code::unsupported without a device, or with cuDNN's reason.
Result<CudnnAnswer> execute_problem(const Problem& problem);

inline constexpr int kTimedRuns = 20;
/// The median of kTimedRuns runs by CUDA events, after one that warms up.
/// Errors  as execute_problem().
Result<CudnnAnswer> time_problem(const Problem& problem);

}  // namespace attest
