// Which results of the driver are faults of the kernel under test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/cuda/driver.h"

#include <optional>

namespace attest::cuda {

/// The finding's kind where the kernel is to blame; nothing where the machine or attest is.
[[nodiscard]] std::optional<FindingKind> fault_kind(CUresult result);

}  // namespace attest::cuda
