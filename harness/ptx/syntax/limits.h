// Limits of the parser on hostile text; each is far above what compilers write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace attest::ptx::syntax {

inline constexpr std::size_t kMaxTextBytes = std::size_t{1} << 28;
inline constexpr std::size_t kMaxTokens = std::size_t{1} << 23;  // bounds the tree: 2 GiB at worst
inline constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 16;
inline constexpr int kMaxBlockDepth = 64;
inline constexpr std::int64_t kMaxRegisters = std::int64_t{1} << 22;  // declared in one module
inline constexpr std::int64_t kMaxVariableBytes = std::int64_t{1} << 40;
inline constexpr int kMaxAlignment = 1 << 20;  // bytes

}  // namespace attest::ptx::syntax
