// The productions of PTX, one function each, recursive descent with bounded depth.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/ast.h"
#include "harness/ptx/syntax/token_stream.h"

#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx::syntax {

// Each takes its own tokens only; false: tokens.error() is set.

// operands.cpp
bool parse_operand(TokenStream& tokens, Operand& operand);
/// `(a, b)` of a call, as a vector operand; may be empty.
bool parse_call_list(TokenStream& tokens, Operand& list);
/// `= 3`, `= {1, generic(sym)+4, 0xFF00(sym)}`, after the equals sign.
bool parse_initialiser(TokenStream& tokens, std::vector<Operand>& initialiser);

// statements.cpp
/// After the opening brace, up to and including the closing one.
bool parse_block(TokenStream& tokens, int depth, Block& block);

// declarations.cpp
/// ".shared" and the other spaces of variables, with the dot.
[[nodiscard]] bool is_variable_space(std::string_view text);
/// From the space to the semicolon; one declaration for each name.
bool parse_variables(TokenStream& tokens,
                     const std::string& linkage,
                     std::vector<VariableDeclaration>& variables);
/// `.reg .b32 %r<5>, x, y;`: one declaration for each counted name and each run of plain names.
bool parse_registers(TokenStream& tokens, std::vector<RegisterDeclaration>& registers);
/// `(.param .b32 a, ..)`, if there is one.
bool parse_parameters(TokenStream& tokens, std::vector<VariableDeclaration>& parameters);
/// From `.entry` or `.func` on.
bool parse_function(TokenStream& tokens, const std::string& linkage, Function& function);
/// `.pragma "a", "b";`
bool parse_pragmas(TokenStream& tokens, std::vector<Pragma>& pragmas);

}  // namespace attest::ptx::syntax
