// Windows of the generic address space.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest::ptx {

/// Addresses of shared and local memory and of a kernel's parameters as generic ones, each window
/// 4 GiB. Global and constant addresses are generic as they are, and lie outside of all windows.
inline constexpr std::uint64_t kSharedWindow = 0x7e0000000000ull;
inline constexpr std::uint64_t kLocalWindow = 0x7d0000000000ull;
inline constexpr std::uint64_t kParamWindow = 0x7c0000000000ull;

/// True when the 4 GiB from `window` on hold `address`.
[[nodiscard]] constexpr bool is_in_window(std::uint64_t address, std::uint64_t window) {
  return (address ^ window) >> 32 == 0;
}

}  // namespace attest::ptx
