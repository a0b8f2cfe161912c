// The spelling of PTX constants.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/ast.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace attest::ptx::syntax {

struct Number {
  Operand::Kind kind = Operand::Kind::integer;  // integer, float32 or float64
  std::uint64_t bits = 0;
  bool is_decimal = false;  // a float written 1.5
};

/// Source  PTX ISA 9.0, section 4.5 (Constants). Nothing if misspelled or out of 64 bits.
std::optional<Number> parse_number(std::string_view text);

}  // namespace attest::ptx::syntax
