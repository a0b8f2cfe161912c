// For tests: a minimal use of every opcode string that public kernels contain.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace attest::ptx {

/// A module whose entry "e" executes `opcode` once in one warp, in the operand shape that compilers
/// write. Its parameters: the address of 64 KiB of initialised global memory, aligned to 256; then
/// 16 bytes of any value. Nothing where the table has no shape for the opcode.
[[nodiscard]] std::optional<std::string> census_module(std::string_view opcode);

}  // namespace attest::ptx
