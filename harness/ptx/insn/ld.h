// The examples of ld, which are many.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form.h"

#include <vector>

namespace attest::ptx {

[[nodiscard]] std::vector<WarpExample> ld_warp_examples();
[[nodiscard]] std::vector<FaultExample> ld_fault_examples();

}  // namespace attest::ptx
