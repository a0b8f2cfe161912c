// Parser and printer of PTX text, ISA versions up to what nvcc 13 writes (9.0).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/syntax/ast.h"

#include <string>
#include <string_view>

namespace attest::ptx {

/// Errors  Code::bad_input, Code::limit or Code::unsupported; `where` is "<name>:line:column", the
/// message
///         says what was found and what was expected. Never recurses or allocates without a limit
///         on hostile text.
Result<Module> parse_module(std::string_view text, std::string_view name);

/// Canonical text; parse_module(print(m)) == m.
[[nodiscard]] std::string print(const Module& module);
[[nodiscard]] std::string print(const Instruction& instruction);
[[nodiscard]] std::string print(const Operand& operand);

}  // namespace attest::ptx
