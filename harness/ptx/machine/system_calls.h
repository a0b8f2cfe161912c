// System calls: functions that a driver gives to kernels, vprintf and __assertfail.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/program.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// Its handler finds in Instr::more the offsets in local memory of the arguments, in order, then of
/// the result; kNoResult when there is none or nobody wants it.
struct SystemCall {
  std::string_view name;
  std::vector<std::int64_t> argument_bytes;
  std::int64_t result_bytes = 0;
  Handler run = nullptr;
};

inline constexpr std::uint32_t kNoResult = ~0u;

/// Null for any other name.
[[nodiscard]] const SystemCall* find_system_call(std::string_view name);

}  // namespace attest::ptx
