// Finds products with one reader, and rewrites them in place.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/contract.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace attest::ptx {
namespace {

struct Type {
  std::string_view name;
  std::string_view register_type;
};
constexpr std::array<Type, 6> kTypes = {{{"f32", "b32"},
                                         {"f64", "b64"},
                                         {"f16", "b16"},
                                         {"f16x2", "b32"},
                                         {"bf16", "b16"},
                                         {"bf16x2", "b32"}}};

/// Null for a type that is not contracted.
const Type* type_of(const Instruction& i) {
  for (const Type& type : kTypes) {
    if (!i.modifiers.empty() && i.modifiers.back() == type.name) return &type;
  }
  return nullptr;
}

bool has(const Instruction& i, std::string_view modifier) {
  return std::find(i.modifiers.begin(), i.modifiers.end(), modifier) != i.modifiers.end();
}

/// `opcode{.ftz}{.sat}.type d, a, b` without a rounding modifier.
bool is_plain(const Instruction& i, bool may_saturate) {
  if (type_of(i) == nullptr || i.operands.size() != 3) return false;
  return std::all_of(i.modifiers.begin(), i.modifiers.end() - 1, [&](const std::string& m) {
    return m == "ftz" || (may_saturate && m == "sat");
  });
}

bool is_product(const Instruction& i) {
  return i.opcode == "mul" && is_plain(i, false) && i.operands[0].kind == Operand::Kind::name;
}

bool is_sum(const Instruction& i) {
  return (i.opcode == "add" || i.opcode == "sub") && is_plain(i, true);
}

bool ends_block(const Instruction& i) {
  return i.opcode == "bra" || i.opcode == "brx" || i.opcode == "call" || i.opcode == "ret" ||
         i.opcode == "exit" || i.opcode == "trap";
}

template <class Visit>
void visit_names(const Operand& operand, const Visit& visit) {
  if (!operand.name.empty()) visit(operand.name);
  for (const Operand& element : operand.elements)
    visit_names(element, visit);
}

bool mentions(const Operand& operand, const std::string& name) {
  bool is_found = false;
  visit_names(operand, [&](const std::string& at) { is_found |= at == name; });
  return is_found;
}

using Counts = std::unordered_map<std::string, int>;

/// How often each name stands anywhere in a body, whatever its scope.
void count_names(const Block& block, Counts& counts) {
  const auto count = [&](const std::string& name) { ++counts[name]; };
  for (const Statement& s : block.statements) {
    if (const auto* i = std::get_if<Instruction>(&s)) {
      if (i->guard) count(i->guard->predicate);
      for (const Operand& operand : i->operands)
        visit_names(operand, count);
    } else if (const auto* inner = std::get_if<Block>(&s)) {
      count_names(*inner, counts);
    }
  }
}

bool is_result(const Operand& operand, const Instruction& product) {
  return operand.kind == Operand::Kind::name && operand.name == product.operands[0].name;
}

bool is_reader(const Instruction& product, const Instruction& sum) {
  return is_sum(sum) && sum.guard == product.guard && type_of(sum) == type_of(product) &&
         has(sum, "ftz") == has(product, "ftz") &&
         is_result(sum.operands[1], product) != is_result(sum.operands[2], product);
}

/// Whether `i` writes a register that the product or its guard reads; destinations come first.
bool changes_operand(const Instruction& product, const Instruction& i) {
  if (i.operands.empty()) return false;
  const auto is_written = [&](const std::string& name) {
    return !name.empty() && mentions(i.operands[0], name);
  };
  return is_written(product.operands[1].name) || is_written(product.operands[2].name) ||
         (product.guard && is_written(product.guard->predicate));
}

class BodyContraction {
 public:
  explicit BodyContraction(Block& body) : body_(body) { count_names(body, counts_); }

  void run() {
    contract(body_);
    body_.statements.insert(body_.statements.begin(), declared_.begin(), declared_.end());
  }

 private:
  void contract(Block& block) {
    const std::size_t count = block.statements.size();
    std::vector<std::vector<Statement>> now(count);  // what stands for each statement
    std::vector<bool> is_replaced(count);
    for (std::size_t at = 0; at < count; ++at) {
      if (auto* inner = std::get_if<Block>(&block.statements[at])) contract(*inner);
      const auto* product = std::get_if<Instruction>(&block.statements[at]);
      if (product == nullptr || is_replaced[at] || !is_product(*product)) continue;
      const std::size_t reader = reader_of(block, at);
      if (reader == count || is_replaced[reader]) continue;
      now[reader] = fused(*product, std::get<Instruction>(block.statements[reader]));
      is_replaced[at] = is_replaced[reader] = true;
    }
    std::vector<Statement> all;
    for (std::size_t at = 0; at < count; ++at) {
      if (!is_replaced[at]) now[at].push_back(std::move(block.statements[at]));
      std::move(now[at].begin(), now[at].end(), std::back_inserter(all));
    }
    block.statements = std::move(all);
  }

  /// Index of the only reader of the product at `at`; the number of statements if there is none.
  [[nodiscard]] std::size_t reader_of(const Block& block, std::size_t at) const {
    const auto& product = std::get<Instruction>(block.statements[at]);
    const std::size_t none = block.statements.size();
    // The name stands twice: as the destination, and where it is read.
    if (counts_.at(product.operands[0].name) != 2) return none;
    for (std::size_t n = at + 1; n < block.statements.size(); ++n) {
      const Statement& s = block.statements[n];
      if (std::holds_alternative<Label>(s) || std::holds_alternative<Block>(s)) return none;
      const auto* i = std::get_if<Instruction>(&s);
      if (i == nullptr) continue;
      if (is_reader(product, *i)) return n;
      if (ends_block(*i) || changes_operand(product, *i)) return none;
    }
    return none;
  }

  /// a * b + c; a * b - c = a * b + (-c); c - a * b = (-a) * b + c.
  std::vector<Statement> fused(const Instruction& product, const Instruction& sum) {
    std::vector<Statement> out;
    const bool is_first = is_result(sum.operands[1], product);
    Operand a = product.operands[1];
    Operand c = sum.operands[is_first ? 2 : 1];
    if (sum.opcode == "sub") {
      Operand& changed = is_first ? c : a;
      changed = negated(sum, changed, out);
    }
    Instruction fma = sum;
    fma.opcode = "fma";
    fma.modifiers.insert(fma.modifiers.begin(), "rn");
    fma.operands = {sum.operands[0], a, product.operands[2], c};
    out.emplace_back(std::move(fma));
    return out;
  }

  /// A new register for `operand` negated; the instruction that sets it goes to `before`.
  Operand negated(const Instruction& sum, const Operand& operand, std::vector<Statement>& before) {
    Operand result;
    // A PTX text has no name with a space.
    result.name = "%negated " + std::to_string(declared_.size());
    RegisterDeclaration declaration;
    declaration.type = type_of(sum)->register_type;
    declaration.names = {result.name};
    declaration.position = sum.position;
    declared_.emplace_back(std::move(declaration));
    Instruction neg;
    neg.guard = sum.guard;
    neg.opcode = "neg";
    neg.modifiers = {std::string(type_of(sum)->name)};
    neg.operands = {result, operand};
    neg.position = sum.position;
    before.emplace_back(std::move(neg));
    return result;
  }

  Block& body_;
  Counts counts_;
  std::vector<Statement> declared_;
};

}  // namespace

Module contracted(const Module& module) {
  Module out = module;
  for (Function& function : out.functions) {
    if (function.body) BodyContraction(*function.body).run();
  }
  return out;
}

}  // namespace attest::ptx
