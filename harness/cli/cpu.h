// What this processor can do, asked of the processor itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace attest {

/// Features of x86-64-v3 that are missing; empty on a machine that may run this program.
[[nodiscard]] std::vector<std::string> missing_cpu_features();

}  // namespace attest
