// The executor that is always there: PTX interpreted on the CPU, with every check.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <memory>

namespace attest {

/// One per thread. Decoded programs are shared by all of them and live as long as the process.
[[nodiscard]] std::unique_ptr<Executor> make_ptx_executor();

/// "sm_80": the architecture whose arithmetic a launch of `image` has in `mode`: the mode's own,
/// else the PTX's target. Errors as Executor::run.
Result<std::string> effective_arch(const KernelImage& image, const Mode& mode);

}  // namespace attest
