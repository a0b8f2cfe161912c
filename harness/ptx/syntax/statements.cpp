// Statements of a function body: instructions, labels, blocks, declarations, line marks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/grammar.h"
#include "harness/ptx/syntax/limits.h"

#include <climits>

namespace attest::ptx::syntax {
namespace {

/// `(returns), function, (arguments), prototype`, each list optional.
bool parse_call_operands(TokenStream& tokens, std::vector<Operand>& operands) {
  if (tokens.is('(')) {
    if (!parse_call_list(tokens, operands.emplace_back()) || !tokens.expect(',')) return false;
  }
  Operand& function = operands.emplace_back();
  function.position = tokens.current().position;
  if (!tokens.expect_name("the function to call", function.name)) return false;
  if (!tokens.accept(',')) return true;
  if (tokens.is('(')) {
    if (!parse_call_list(tokens, operands.emplace_back())) return false;
    if (!tokens.accept(',')) return true;
  }
  Operand& prototype = operands.emplace_back();
  prototype.position = tokens.current().position;
  return tokens.expect_name("a call prototype", prototype.name);
}

/// From the opcode's modifiers to the semicolon.
bool parse_instruction(TokenStream& tokens, Instruction& instruction) {
  while (tokens.is(TokenKind::dotted)) {
    instruction.modifiers.emplace_back(tokens.take().text.substr(1));
  }
  if (tokens.accept(';')) return true;
  if (instruction.opcode == "call") {
    return parse_call_operands(tokens, instruction.operands) && tokens.expect(';');
  }
  do {
    if (!parse_operand(tokens, instruction.operands.emplace_back())) return false;
  } while (tokens.accept(','));
  return tokens.accept(';') || tokens.fail("',' or ';'");
}

bool parse_guarded(TokenStream& tokens, Instruction& instruction) {
  instruction.position = tokens.current().position;
  if (!tokens.expect('@')) return false;
  Guard& guard = instruction.guard.emplace();
  guard.is_negated = tokens.accept('!');
  return tokens.expect_name("a predicate", guard.predicate) &&
         tokens.expect_name("an opcode", instruction.opcode) &&
         parse_instruction(tokens, instruction);
}

bool parse_call_prototype(TokenStream& tokens, CallPrototype& prototype) {
  std::string sink;
  if (!parse_parameters(tokens, prototype.returns) || !tokens.expect_name("'_'", sink) ||
      !parse_parameters(tokens, prototype.parameters)) {
    return false;
  }
  prototype.is_noreturn = tokens.accept_dotted(".noreturn");
  return tokens.expect(';');
}

bool parse_target_list(TokenStream& tokens, TargetList& list) {
  do {
    if (!tokens.expect_name("a target", list.targets.emplace_back())) return false;
  } while (tokens.accept(','));
  return tokens.expect(';');
}

/// After `name :`
bool parse_labelled(TokenStream& tokens, const Token& name, std::vector<Statement>& statements) {
  if (tokens.accept_dotted(".callprototype")) {
    auto& prototype = std::get<CallPrototype>(statements.emplace_back(CallPrototype{}));
    prototype.name = name.text;
    prototype.position = name.position;
    return parse_call_prototype(tokens, prototype);
  }
  if (tokens.is_dotted(".branchtargets") || tokens.is_dotted(".calltargets")) {
    auto& list = std::get<TargetList>(statements.emplace_back(TargetList{}));
    list.is_call = tokens.take().text == ".calltargets";
    list.name = name.text;
    list.position = name.position;
    return parse_target_list(tokens, list);
  }
  statements.emplace_back(Label{.name = std::string(name.text), .position = name.position});
  return true;
}

/// An instruction or something with a label.
bool parse_worded(TokenStream& tokens, std::vector<Statement>& statements) {
  const Token word = tokens.take();
  if (tokens.accept(':')) return parse_labelled(tokens, word, statements);
  auto& instruction = std::get<Instruction>(statements.emplace_back(Instruction{}));
  instruction.opcode = word.text;
  instruction.position = word.position;
  return parse_instruction(tokens, instruction);
}

/// `.loc 1 36 11`, then perhaps `, function_name $L__info_string0+12, inlined_at 1 20 3`; no
/// semicolon.
bool parse_location(TokenStream& tokens, Location& location) {
  if (!tokens.expect_dotted(".loc") || !tokens.expect_int(0, INT_MAX, location.file) ||
      !tokens.expect_int(0, INT_MAX, location.line) ||
      !tokens.expect_int(0, INT_MAX, location.column)) {
    return false;
  }
  if (!tokens.is(',')) return true;
  const char* begin = tokens.current().text.data();
  tokens.take();
  std::string label;
  std::int64_t unused = 0;
  if (!tokens.expect_word("function_name") || !tokens.expect_name("a label", label)) return false;
  if (tokens.accept('+') && !tokens.expect_integer(0, INT64_MAX, unused)) return false;
  if (!tokens.expect(',') || !tokens.expect_word("inlined_at")) return false;
  for (int part = 0; part < 3; ++part) {
    if (!tokens.expect_integer(0, INT_MAX, unused)) return false;
  }
  location.rest = tokens.since(begin);
  return true;
}

template <class T>
bool append(bool is_parsed, std::vector<T>&& parts, std::vector<Statement>& statements) {
  if (!is_parsed) return false;
  for (T& part : parts)
    statements.emplace_back(std::move(part));
  return true;
}

bool parse_directive(TokenStream& tokens, std::vector<Statement>& statements) {
  if (tokens.is_dotted(".loc")) {
    return parse_location(tokens, std::get<Location>(statements.emplace_back(Location{})));
  }
  if (tokens.is_dotted(".reg")) {
    std::vector<RegisterDeclaration> registers;
    const bool is_parsed = parse_registers(tokens, registers);
    return append(is_parsed, std::move(registers), statements);
  }
  if (is_variable_space(tokens.current().text)) {
    std::vector<VariableDeclaration> variables;
    const bool is_parsed = parse_variables(tokens, "", variables);
    return append(is_parsed, std::move(variables), statements);
  }
  if (tokens.is_dotted(".pragma")) {
    std::vector<Pragma> pragmas;
    const bool is_parsed = parse_pragmas(tokens, pragmas);
    return append(is_parsed, std::move(pragmas), statements);
  }
  return tokens.fail("a statement");
}

}  // namespace

bool parse_block(TokenStream& tokens, int depth, Block& block) {
  if (depth > kMaxBlockDepth) {
    return tokens.fail_at(tokens.current().position,
                          Code::limit,
                          "blocks nested deeper than " + std::to_string(kMaxBlockDepth));
  }
  std::vector<Statement>& statements = block.statements;
  while (!tokens.accept('}')) {
    bool is_parsed = false;
    if (tokens.is(TokenKind::word)) {
      is_parsed = parse_worded(tokens, statements);
    } else if (tokens.is(TokenKind::dotted)) {
      is_parsed = parse_directive(tokens, statements);
    } else if (tokens.is('@')) {
      is_parsed =
          parse_guarded(tokens, std::get<Instruction>(statements.emplace_back(Instruction{})));
    } else if (tokens.accept('{')) {
      is_parsed = parse_block(tokens, depth + 1, std::get<Block>(statements.emplace_back(Block{})));
    } else {
      tokens.fail("a statement or '}'");
    }
    if (!is_parsed) return false;
  }
  return true;
}

}  // namespace attest::ptx::syntax
