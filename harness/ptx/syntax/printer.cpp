// Canonical PTX text of the syntax tree.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/parser.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace attest::ptx {
namespace {

void append(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    out += part;
}

void print_hex(std::uint64_t bits, int digits, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int at = digits - 1; at >= 0; --at)
    out += kDigits[(bits >> (4 * at)) & 15];
}

void print_offset(std::int64_t offset, std::string& out) {
  if (offset == 0) return;
  out += '+';
  out += std::to_string(offset);
}

void print_text(const std::string& text, std::string& out) {
  out += text;
}

void print_operand(const Operand& operand, std::string& out);

/// `a, b` in the order given.
template <class T, class Print>
void print_list(const std::vector<T>& list, std::string& out, const Print& print_one) {
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (at > 0) out += ", ";
    print_one(list[at], out);
  }
}

void print_enclosed(const Operand& vector, char open, char close, std::string& out) {
  out += open;
  print_list(vector.elements, out, print_operand);
  out += close;
}

void print_name(const Operand& operand, std::string& out) {
  if (operand.is_negated) out += '!';
  if (operand.mask != 0) {
    out += "0x";
    print_hex(operand.mask, 16, out);
    out += '(';
  }
  if (operand.is_generic) {
    append(out, {"generic(", operand.name, ")"});
  } else {
    out += operand.name;
  }
  print_offset(operand.offset, out);
  if (operand.mask != 0) out += ')';
}

void print_address(const Operand& operand, std::string& out) {
  out += '[';
  if (operand.name.empty()) {
    out += std::to_string(operand.offset);
  } else {
    out += operand.name;
    print_offset(operand.offset, out);
  }
  for (const Operand& element : operand.elements) {
    out += ", ";
    print_operand(element, out);
  }
  out += ']';
}

void print_operand(const Operand& operand, std::string& out) {
  switch (operand.kind) {
    case Operand::Kind::name:
      return print_name(operand, out);
    case Operand::Kind::integer:
      out += std::to_string(static_cast<std::int64_t>(operand.bits));
      return;
    case Operand::Kind::float32:
      out += "0f";
      return print_hex(operand.bits, 8, out);
    case Operand::Kind::float64:
      out += "0d";
      return print_hex(operand.bits, 16, out);
    case Operand::Kind::address:
      return print_address(operand, out);
    case Operand::Kind::vector:
      return print_enclosed(operand, '{', '}', out);
    case Operand::Kind::sink:
      out += '_';
      return;
    case Operand::Kind::pair:
      print_operand(operand.elements.at(0), out);
      out += '|';
      print_operand(operand.elements.at(1), out);
      return;
  }
}

void print_instruction(const Instruction& instruction, std::string& out) {
  if (instruction.guard) {
    out += instruction.guard->is_negated ? "@!" : "@";
    append(out, {instruction.guard->predicate, " "});
  }
  out += instruction.opcode;
  for (const std::string& modifier : instruction.modifiers)
    append(out, {".", modifier});
  if (!instruction.operands.empty()) out += ' ';
  const bool is_call = instruction.opcode == "call";
  print_list(instruction.operands, out, [&](const Operand& operand, std::string& to) {
    if (is_call && operand.kind == Operand::Kind::vector)
      return print_enclosed(operand, '(', ')', to);
    print_operand(operand, to);
  });
  out += ';';
}

void print_variable(const VariableDeclaration& variable, std::string& out) {
  if (!variable.linkage.empty()) append(out, {".", variable.linkage, " "});
  append(out, {".", variable.space});
  if (!variable.attribute.empty()) append(out, {" .attribute(", variable.attribute, ")"});
  if (variable.alignment != 0) append(out, {" .align ", std::to_string(variable.alignment)});
  if (variable.vector_width != 1) append(out, {" .v", std::to_string(variable.vector_width)});
  append(out, {" .", variable.type});
  if (variable.pointer) {
    out += " .ptr";
    if (!variable.pointer->space.empty()) append(out, {" .", variable.pointer->space});
    if (variable.pointer->alignment != 0) {
      append(out, {" .align ", std::to_string(variable.pointer->alignment)});
    }
  }
  append(out, {" ", variable.name});
  for (const auto& dimension : variable.dimensions) {
    append(out, {"[", dimension ? std::to_string(*dimension) : "", "]"});
  }
  if (variable.initialiser.empty()) return;
  const bool is_scalar = variable.dimensions.empty() && variable.vector_width == 1;
  out += is_scalar ? " = " : " = {";
  print_list(variable.initialiser, out, print_operand);
  if (!is_scalar) out += '}';
}

void print_parameters(const std::vector<VariableDeclaration>& parameters, std::string& out) {
  out += '(';
  print_list(parameters, out, print_variable);
  out += ')';
}

void print_block(const Block& block, const std::string& indent, std::string& out);

class StatementPrinter {
 public:
  StatementPrinter(const std::string& indent, std::string& out) : indent_(indent), out_(out) {}

  void operator()(const Instruction& instruction) {
    out_ += indent_;
    print_instruction(instruction, out_);
    out_ += '\n';
  }
  void operator()(const Label& label) { append(out_, {label.name, ":\n"}); }
  void operator()(const RegisterDeclaration& registers) {
    append(out_, {indent_, ".reg "});
    if (registers.vector_width != 1) {
      append(out_, {".v", std::to_string(registers.vector_width), " "});
    }
    append(out_, {".", registers.type, " "});
    print_list(registers.names, out_, print_text);
    if (registers.count) append(out_, {"<", std::to_string(*registers.count), ">"});
    out_ += ";\n";
  }
  void operator()(const VariableDeclaration& variable) {
    out_ += indent_;
    print_variable(variable, out_);
    out_ += ";\n";
  }
  void operator()(const Location& location) {
    append(out_,
           {indent_,
            ".loc ",
            std::to_string(location.file),
            " ",
            std::to_string(location.line),
            " ",
            std::to_string(location.column),
            location.rest,
            "\n"});
  }
  void operator()(const Pragma& pragma) {
    append(out_, {indent_, ".pragma \"", pragma.text, "\";\n"});
  }
  void operator()(const CallPrototype& prototype) {
    append(out_, {indent_, prototype.name, ": .callprototype "});
    print_parameters(prototype.returns, out_);
    out_ += " _ ";
    print_parameters(prototype.parameters, out_);
    out_ += prototype.is_noreturn ? " .noreturn;\n" : ";\n";
  }
  void operator()(const TargetList& list) {
    append(out_, {indent_, list.name, list.is_call ? ": .calltargets " : ": .branchtargets "});
    print_list(list.targets, out_, print_text);
    out_ += ";\n";
  }
  void operator()(const Block& block) {
    append(out_, {indent_, "{\n"});
    print_block(block, indent_ + "\t", out_);
    append(out_, {indent_, "}\n"});
  }

 private:
  const std::string& indent_;
  std::string& out_;
};

void print_block(const Block& block, const std::string& indent, std::string& out) {
  StatementPrinter printer(indent, out);
  for (const Statement& statement : block.statements)
    std::visit(printer, statement);
}

void print_function(const Function& function, std::string& out) {
  if (!function.linkage.empty()) append(out, {".", function.linkage, " "});
  out += function.is_entry ? ".entry " : ".func ";
  if (!function.returns.empty()) {
    print_parameters(function.returns, out);
    out += ' ';
  }
  out += function.name;
  print_parameters(function.parameters, out);
  for (const auto& [name, numbers] : function.directives) {
    append(out, {"\n.", name});
    for (std::size_t at = 0; at < numbers.size(); ++at) {
      append(out, {at == 0 ? " " : ", ", std::to_string(numbers[at])});
    }
  }
  for (const Pragma& pragma : function.pragmas)
    append(out, {"\n.pragma \"", pragma.text, "\";"});
  if (!function.body) {
    out += ";\n";
    return;
  }
  out += "\n{\n";
  print_block(*function.body, "\t", out);
  out += "}\n";
}

}  // namespace

std::string print(const Instruction& instruction) {
  std::string out;
  print_instruction(instruction, out);
  return out;
}

std::string print(const Operand& operand) {
  std::string out;
  print_operand(operand, out);
  return out;
}

std::string print(const Module& module) {
  std::string out = ".version " + module.version + "\n.target ";
  print_list(module.targets, out, print_text);
  append(out, {"\n.address_size ", std::to_string(module.address_size), "\n"});
  for (const Pragma& pragma : module.pragmas)
    append(out, {".pragma \"", pragma.text, "\";\n"});
  for (const File& file : module.files) {
    append(out, {".file ", std::to_string(file.number), " \"", file.path, "\"", file.rest, "\n"});
  }
  // Initialisers may name functions, so leading function declarations stand before the variables.
  std::size_t next = 0;
  while (next < module.functions.size() && !module.functions[next].body) {
    print_function(module.functions[next++], out);
  }
  for (const VariableDeclaration& variable : module.variables) {
    print_variable(variable, out);
    out += ";\n";
  }
  while (next < module.functions.size())
    print_function(module.functions[next++], out);
  for (const Alias& alias : module.aliases)
    append(out, {".alias ", alias.name, ", ", alias.target, ";\n"});
  for (const Section& section : module.sections) {
    append(out, {".section ", section.name, "\n{", section.text, "}\n"});
  }
  return out;
}

}  // namespace attest::ptx
