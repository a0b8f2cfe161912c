// Operands, call lists and initialisers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/grammar.h"
#include "harness/ptx/syntax/numbers.h"

#include <array>

namespace attest::ptx::syntax {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

/// A number with its sign: `-4`, `~0`, `0f3F800000`.
bool parse_constant(TokenStream& tokens, Operand& operand) {
  char sign = '\0';
  for (const char c : {'-', '+', '~'}) {
    if (sign == '\0' && tokens.accept(c)) sign = c;
  }
  const auto number =
      tokens.is(TokenKind::number) ? parse_number(tokens.current().text) : std::nullopt;
  if (!number) return tokens.fail("a constant of at most 64 bits");
  operand.kind = number->kind;
  operand.bits = number->bits;
  if (sign != '\0' && number->kind == Operand::Kind::integer) {
    if (sign == '-' && number->bits > kSignBit) return tokens.fail("at most 2^63 after '-'");
    if (sign == '-') operand.bits = 0 - number->bits;
    if (sign == '~') operand.bits = ~number->bits;
  } else if (sign != '\0') {
    if (!number->is_decimal || sign == '~') return tokens.fail("an integer after a sign");
    if (sign == '-') operand.bits ^= kSignBit;
  }
  tokens.take();
  return true;
}

/// `+4`, `+-4`, `+8+-4`: added up into `offset`.
bool parse_offsets(TokenStream& tokens, std::int64_t& offset) {
  while (tokens.accept('+')) {
    const Position position = tokens.current().position;
    Operand constant;
    if (!parse_constant(tokens, constant)) return false;
    if (constant.kind != Operand::Kind::integer ||
        __builtin_add_overflow(offset, static_cast<std::int64_t>(constant.bits), &offset)) {
      return tokens.fail_at(position, Code::bad_input, "expected an integer offset of 64 bits");
    }
  }
  return true;
}

bool is_component(std::string_view text) {
  return text.size() == 2 && std::string_view("xyzwrgba").find(text[1]) != std::string_view::npos;
}

/// `%r1`, `%tid.x`, `sym+4`, `_`
bool parse_named(TokenStream& tokens, Operand& operand) {
  if (!tokens.expect_name("an operand", operand.name)) return false;
  if (operand.name == "_") {
    operand.name.clear();
    operand.kind = Operand::Kind::sink;
    return true;
  }
  operand.kind = Operand::Kind::name;
  if (tokens.is(TokenKind::dotted) && is_component(tokens.current().text)) {
    operand.name += tokens.take().text;
  }
  return parse_offsets(tokens, operand.offset);
}

bool parse_scalar(TokenStream& tokens, Operand& operand) {
  operand.position = tokens.current().position;
  if (tokens.is(TokenKind::word)) return parse_named(tokens, operand);
  if (tokens.is(TokenKind::number) || tokens.is('-') || tokens.is('+') || tokens.is('~')) {
    return parse_constant(tokens, operand);
  }
  if (tokens.accept('!')) {
    operand.is_negated = true;
    return tokens.expect_name("a predicate", operand.name);
  }
  return tokens.fail("an operand");
}

/// Elements up to and including `close`; at least one.
bool parse_elements(TokenStream& tokens, char close, std::vector<Operand>& elements) {
  do {
    if (!parse_scalar(tokens, elements.emplace_back())) return false;
  } while (tokens.accept(','));
  return tokens.expect(close);
}

bool parse_vector(TokenStream& tokens, Operand& operand) {
  operand.kind = Operand::Kind::vector;
  operand.position = tokens.current().position;
  return tokens.expect('{') && parse_elements(tokens, '}', operand.elements);
}

bool parse_address(TokenStream& tokens, Operand& operand) {
  operand.kind = Operand::Kind::address;
  operand.position = tokens.current().position;
  if (!tokens.expect('[')) return false;
  if (tokens.is(TokenKind::word)) {
    operand.name = tokens.take().text;
  } else {
    const Position position = tokens.current().position;
    Operand constant;
    if (!parse_constant(tokens, constant)) return false;
    if (constant.kind != Operand::Kind::integer) {
      return tokens.fail_at(position, Code::bad_input, "expected an integer address");
    }
    operand.offset = static_cast<std::int64_t>(constant.bits);
  }
  if (!parse_offsets(tokens, operand.offset)) return false;
  while (tokens.accept(',')) {
    Operand& element = operand.elements.emplace_back();
    if (!(tokens.is('{') ? parse_vector(tokens, element) : parse_scalar(tokens, element))) {
      return false;
    }
  }
  return tokens.expect(']');
}

/// `sym`, `generic(sym)`, both with an offset.
bool parse_symbol(TokenStream& tokens, Operand& operand) {
  operand.kind = Operand::Kind::name;
  if (!tokens.expect_name("a symbol", operand.name)) return false;
  if (operand.name == "generic" && tokens.accept('(')) {
    operand.is_generic = true;
    if (!tokens.expect_name("a symbol", operand.name) || !tokens.expect(')')) return false;
  }
  return parse_offsets(tokens, operand.offset);
}

bool parse_initial_value(TokenStream& tokens, Operand& operand) {
  operand.position = tokens.current().position;
  if (tokens.is(TokenKind::word)) return parse_symbol(tokens, operand);
  if (tokens.is('{')) {
    return tokens.fail_at(operand.position, Code::unsupported, "nested initialiser");
  }
  if (!parse_constant(tokens, operand)) return false;
  if (!tokens.is('(')) return true;
  if (operand.kind != Operand::Kind::integer || operand.bits == 0) {
    return tokens.fail("an integer mask other than 0 before '('");
  }
  operand.mask = operand.bits;
  operand.bits = 0;
  tokens.take();
  return parse_symbol(tokens, operand) && tokens.expect(')');
}

}  // namespace

bool parse_operand(TokenStream& tokens, Operand& operand) {
  if (tokens.is('{')) return parse_vector(tokens, operand);
  if (tokens.is('[')) return parse_address(tokens, operand);
  if (!parse_scalar(tokens, operand)) return false;
  if (!tokens.is('|')) return true;
  const bool may_pair = operand.kind == Operand::Kind::sink ||
                        (operand.kind == Operand::Kind::name && !operand.is_negated);
  if (!may_pair) return tokens.fail("',' or ';' after this operand");
  tokens.take();
  Operand pair;
  pair.kind = Operand::Kind::pair;
  pair.position = operand.position;
  pair.elements.push_back(std::move(operand));
  Operand& second = pair.elements.emplace_back();
  second.position = tokens.current().position;
  if (!parse_named(tokens, second)) return false;
  operand = std::move(pair);
  return true;
}

bool parse_call_list(TokenStream& tokens, Operand& list) {
  list.kind = Operand::Kind::vector;
  list.position = tokens.current().position;
  if (!tokens.expect('(')) return false;
  return tokens.accept(')') || parse_elements(tokens, ')', list.elements);
}

bool parse_initialiser(TokenStream& tokens, std::vector<Operand>& initialiser) {
  if (!tokens.accept('{')) return parse_initial_value(tokens, initialiser.emplace_back());
  if (tokens.accept('}')) return true;
  do {
    if (!parse_initial_value(tokens, initialiser.emplace_back())) return false;
  } while (tokens.accept(','));
  return tokens.expect('}');
}

}  // namespace attest::ptx::syntax
