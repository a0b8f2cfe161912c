// How many bytes variables and types have, and where they may start.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/ast.h"

#include <cstdint>
#include <string_view>

namespace attest::ptx {

/// Bits of a fundamental type: "b32" -> 32, "f16x2" -> 32, "pred" -> 1; 0 when unknown.
[[nodiscard]] int type_bits(std::string_view type);
/// Bytes of one element of a variable.
[[nodiscard]] std::int64_t element_bytes(const VariableDeclaration& variable);
/// Bytes of one variable without an open dimension; -1 when that overflows any sense.
[[nodiscard]] std::int64_t size_of(const VariableDeclaration& variable, bool* is_open);
[[nodiscard]] std::int64_t alignment_of(const VariableDeclaration& variable);
[[nodiscard]] std::int64_t align_up(std::int64_t value, std::int64_t to);

}  // namespace attest::ptx
