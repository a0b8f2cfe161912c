// Declarations: registers, variables, parameters.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/grammar.h"
#include "harness/ptx/syntax/limits.h"

#include <algorithm>
#include <array>
#include <climits>

namespace attest::ptx::syntax {
namespace {

struct TypeSize {
  std::string_view name;
  int bytes = 0;
};

/// Source  PTX ISA 9.0, sections 5.2 (Types) and 5.3 (Texture, sampler and surface types).
constexpr std::array kTypes = {
    TypeSize{"b8", 1},     TypeSize{"b16", 2},     TypeSize{"b32", 4},       TypeSize{"b64", 8},
    TypeSize{"b128", 16},  TypeSize{"u8", 1},      TypeSize{"u16", 2},       TypeSize{"u32", 4},
    TypeSize{"u64", 8},    TypeSize{"s8", 1},      TypeSize{"s16", 2},       TypeSize{"s32", 4},
    TypeSize{"s64", 8},    TypeSize{"f16", 2},     TypeSize{"f16x2", 4},     TypeSize{"bf16", 2},
    TypeSize{"bf16x2", 4}, TypeSize{"f32", 4},     TypeSize{"f64", 8},       TypeSize{"pred", 1},
    TypeSize{"texref", 8}, TypeSize{"surfref", 8}, TypeSize{"samplerref", 8}};

constexpr std::array<std::string_view, 5> kSpaces = {
    ".shared", ".local", ".global", ".const", ".param"};

/// 0: not a type.
int type_bytes(std::string_view name) {
  const auto* found = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const TypeSize& type) { return type.name == name; });
  return found == kTypes.end() ? 0 : found->bytes;
}

bool parse_type(TokenStream& tokens, std::string& type) {
  if (!tokens.is(TokenKind::dotted) || type_bytes(tokens.current().text.substr(1)) == 0) {
    return tokens.fail("a type");
  }
  type = tokens.take().text.substr(1);
  return true;
}

int accept_vector_width(TokenStream& tokens) {
  for (const int width : {2, 4, 8}) {
    if (tokens.accept_dotted(".v" + std::to_string(width))) return width;
  }
  return 1;
}

bool parse_alignment(TokenStream& tokens, int& alignment) {
  const Position position = tokens.current().position;
  if (!tokens.expect_int(1, kMaxAlignment, alignment)) return false;
  return (alignment & (alignment - 1)) == 0 ||
         tokens.fail_at(position,
                        Code::bad_input,
                        "found alignment " + std::to_string(alignment) + ", expected a power of 2");
}

/// `.attribute(.managed)`: the inside, verbatim.
bool parse_attribute(TokenStream& tokens, std::string& attribute) {
  if (!tokens.expect('(')) return false;
  const char* begin = tokens.current().text.data();
  if (!tokens.expect_dotted(".managed")) return false;
  attribute = tokens.since(begin);
  return tokens.expect(')');
}

/// `.ptr .global .align 16`
bool parse_pointer_hint(TokenStream& tokens, PointerHint& hint) {
  if (tokens.is(TokenKind::dotted) && is_variable_space(tokens.current().text)) {
    hint.space = tokens.take().text.substr(1);
  }
  return !tokens.accept_dotted(".align") || parse_alignment(tokens, hint.alignment);
}

/// Everything before the name.
bool parse_head(TokenStream& tokens, VariableDeclaration& head) {
  head.position = tokens.current().position;
  if (!tokens.is_dotted(".reg") && !is_variable_space(tokens.current().text)) {
    return tokens.fail("a state space");
  }
  head.space = tokens.take().text.substr(1);
  if (tokens.accept_dotted(".attribute") && !parse_attribute(tokens, head.attribute)) return false;
  if (tokens.accept_dotted(".align") && !parse_alignment(tokens, head.alignment)) return false;
  head.vector_width = accept_vector_width(tokens);
  if (!parse_type(tokens, head.type)) return false;
  return !tokens.accept_dotted(".ptr") || parse_pointer_hint(tokens, head.pointer.emplace());
}

/// The name and its dimensions; `elements` is their product, 0 if one is open.
bool parse_declarator(TokenStream& tokens, VariableDeclaration& variable, std::int64_t& elements) {
  if (!tokens.expect_name("a name", variable.name)) return false;
  elements = 1;
  std::int64_t bytes = std::int64_t{type_bytes(variable.type)} * variable.vector_width;
  while (tokens.accept('[')) {
    if (tokens.is(']')) {
      if (!variable.dimensions.empty())
        return tokens.fail("a dimension: only the first may be open");
      tokens.take();
      variable.dimensions.emplace_back(std::nullopt);
      elements = 0;
      continue;
    }
    const Position position = tokens.current().position;
    std::int64_t dimension = 0;
    if (!tokens.expect_integer(0, kMaxVariableBytes, dimension)) return false;
    variable.dimensions.emplace_back(dimension);
    if (__builtin_mul_overflow(bytes, dimension, &bytes) || bytes > kMaxVariableBytes) {
      return tokens.fail_at(
          position,
          Code::limit,
          "'" + variable.name + "' is larger than " + std::to_string(kMaxVariableBytes) + " bytes");
    }
    elements *= dimension;  // at most `bytes`
    if (!tokens.expect(']')) return false;
  }
  return true;
}

bool parse_initialised(TokenStream& tokens, VariableDeclaration& variable, std::int64_t elements) {
  if (!tokens.accept('=')) return true;
  const Position position = tokens.current().position;
  if (!parse_initialiser(tokens, variable.initialiser)) return false;
  const bool is_open = !variable.dimensions.empty() && !variable.dimensions[0];
  const auto most =
      static_cast<std::uint64_t>(elements) * static_cast<std::uint64_t>(variable.vector_width);
  return is_open || variable.initialiser.size() <= most ||
         tokens.fail_at(position,
                        Code::bad_input,
                        "found " + std::to_string(variable.initialiser.size()) +
                            " initial values, expected at most " + std::to_string(most));
}

}  // namespace

bool is_variable_space(std::string_view text) {
  return std::find(kSpaces.begin(), kSpaces.end(), text) != kSpaces.end();
}

bool parse_variables(TokenStream& tokens,
                     const std::string& linkage,
                     std::vector<VariableDeclaration>& variables) {
  VariableDeclaration head;
  head.linkage = linkage;
  if (!parse_head(tokens, head)) return false;
  do {
    VariableDeclaration& variable = variables.emplace_back(head);
    std::int64_t elements = 0;
    if (!parse_declarator(tokens, variable, elements) ||
        !parse_initialised(tokens, variable, elements)) {
      return false;
    }
  } while (tokens.accept(','));
  return tokens.expect(';');
}

bool parse_registers(TokenStream& tokens, std::vector<RegisterDeclaration>& registers) {
  RegisterDeclaration head;
  head.position = tokens.current().position;
  if (!tokens.expect_dotted(".reg")) return false;
  head.vector_width = accept_vector_width(tokens);
  if (!parse_type(tokens, head.type)) return false;
  do {
    const Position position = tokens.current().position;
    std::string name;
    if (!tokens.expect_name("a register name", name)) return false;
    if (tokens.accept('<')) {
      int count = 0;
      if (!tokens.expect_int(0, static_cast<int>(kMaxRegisters), count) || !tokens.expect('>') ||
          !tokens.count_registers(position, count)) {
        return false;
      }
      RegisterDeclaration& counted = registers.emplace_back(head);
      counted.names.push_back(std::move(name));
      counted.count = count;
      continue;
    }
    if (!tokens.count_registers(position, 1)) return false;
    if (registers.empty() || registers.back().count) registers.push_back(head);
    registers.back().names.push_back(std::move(name));
  } while (tokens.accept(','));
  return tokens.expect(';');
}

bool parse_parameters(TokenStream& tokens, std::vector<VariableDeclaration>& parameters) {
  if (!tokens.accept('(') || tokens.accept(')')) return true;
  do {
    VariableDeclaration& parameter = parameters.emplace_back();
    std::int64_t elements = 0;
    if (!tokens.is_dotted(".param") && !tokens.is_dotted(".reg")) {
      return tokens.fail("'.param', '.reg' or ')'");
    }
    if (!parse_head(tokens, parameter) || !parse_declarator(tokens, parameter, elements)) {
      return false;
    }
  } while (tokens.accept(','));
  return tokens.expect(')');
}

}  // namespace attest::ptx::syntax
