// The executor that goes where a job's mode says: to the interpreter, or to a GPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"

#include <memory>

namespace attest {

/// Owns both. Without `cuda` a job for it is an Error, Code::unsupported: kNoSecondExecutor.
[[nodiscard]] std::unique_ptr<Executor> make_device_executor(std::unique_ptr<Executor> ptx,
                                                             std::unique_ptr<Executor> cuda);

}  // namespace attest
