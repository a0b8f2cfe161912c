// What the operands of instructions are by their names: rows, predicates and addresses.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/decode/variable_layout.h"
#include "harness/ptx/machine/special_registers.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/memory/windows.h"
#include "harness/ptx/syntax/parser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace attest::ptx {
namespace {

Error bad(std::string message) {
  return {Code::bad_input, std::move(message), ""};
}
Error unsupported(std::string message) {
  return {Code::unsupported, std::move(message), ""};
}

}  // namespace

std::uint32_t Symbols::constant(bool is_wide, std::uint64_t bits, int variable) {
  const auto [found, is_new] = constants_.try_emplace({is_wide, bits, variable}, 0);
  if (is_new) {
    found->second = new_row(is_wide);
    program_->constants.push_back({found->second, is_wide, bits, variable});
  }
  return found->second;
}

Result<std::uint32_t> Symbols::source(const Operand& operand, int bits) {
  const bool is_wide = bits == 64;
  if (operand.kind == Operand::Kind::integer || operand.kind == Operand::Kind::float32 ||
      operand.kind == Operand::Kind::float64) {
    if (operand.kind == Operand::Kind::float64 && !is_wide)
      return bad("a 64-bit constant where " + std::to_string(bits) + " bits are wanted");
    if (operand.kind == Operand::Kind::float32 && bits != 32)
      return bad("a 32-bit constant where " + std::to_string(bits) + " bits are wanted");
    const std::uint64_t mask = is_wide ? ~0ull : (1ull << bits) - 1;
    return constant(is_wide, operand.bits & mask);
  }
  if (operand.kind != Operand::Kind::name)
    return bad("expected a register or a constant, found '" + print(operand) + "'");
  Symbol storage;
  if (const Symbol* s = find(operand.name, &storage)) {
    if (s->kind >= Kind::shared) return address_of(operand, *s, is_wide);
    if (operand.offset != 0) return bad("'" + operand.name + "' is not a variable to add to");
    if (s->kind == Kind::predicate || (s->kind == Kind::wide) != is_wide) {
      return bad("'" + operand.name + "' is not a register of " + std::to_string(bits) + " bits");
    }
    return static_cast<std::uint32_t>(s->value);
  }
  if (operand.name == "WARP_SZ") return constant(is_wide, kLanes);
  if (operand.name.starts_with('%')) return special(operand.name, bits);
  return bad("'" + operand.name + "' is not declared");
}

Result<std::uint32_t> Symbols::address_of(const Operand& operand,
                                          const Symbol& symbol,
                                          bool is_wide) {
  const auto offset = static_cast<std::uint64_t>(operand.offset);
  switch (symbol.kind) {
    case Kind::shared:
    case Kind::local:
      return constant(is_wide, symbol.value + offset);
    case Kind::param:
    case Kind::global:
    case Kind::constant:
      if (!is_wide) return bad("the address of '" + operand.name + "' needs 64 bits");
      if (symbol.kind == Kind::param) return constant(true, kParamWindow + symbol.value + offset);
      return constant(true, offset, static_cast<int>(symbol.value));
    case Kind::external:
      return bad("'" + operand.name + "' is .extern and the module does not define it");
    case Kind::predicate:
    case Kind::narrow:
    case Kind::wide:
      break;
  }
  return bad("'" + operand.name + "' is not a variable");
}

int Symbols::width(const Operand& operand, std::string_view type) const {
  Symbol storage;
  const Symbol* s = operand.kind == Operand::Kind::name ? find(operand.name, &storage) : nullptr;
  return s != nullptr && s->kind < Kind::shared ? s->bits : type_bits(type);
}

/// Row of a special register, which the program then has.
Result<std::uint32_t> Symbols::special(const std::string& name, int bits) {
  const SpecialRegister* is = find_special_register(name);
  if (is == nullptr) {
    constexpr std::array<std::string_view, 3> kRefused = {
        "%pm", "%reserved_smem_offset", "%current_graph_exec"};
    const auto starts = [&](std::string_view prefix) { return name.starts_with(prefix); };
    if (name.find('.') != std::string::npos ||
        std::any_of(kRefused.begin(), kRefused.end(), starts))
      return unsupported("special register '" + name + "' is not implemented");
    return bad("'" + name + "' is not declared");
  }
  if ((is->bits == 64) != (bits == 64))
    return bad("'" + name + "' has " + std::to_string(is->bits) + " bits, not " +
               std::to_string(bits));
  const auto [found, is_new] = specials_.try_emplace(name, program_->specials.size());
  if (is_new) program_->specials.push_back({is, new_row(is->bits == 64)});
  return program_->specials[found->second].row;
}

std::optional<std::size_t> Symbols::refreshed(std::uint32_t row) const {
  for (std::size_t n = 0; n < program_->specials.size(); ++n) {
    const SpecialRow& special = program_->specials[n];
    if (special.row == row && special.is->changes == SpecialRegister::Changes::at_reads) return n;
  }
  return std::nullopt;
}

Result<std::uint32_t> Symbols::destination(const Operand& operand, int bits) {
  if (operand.kind == Operand::Kind::sink) return bits == 64 ? scratch_wide_ : scratch_narrow_;
  Symbol storage;
  const Symbol* s = operand.kind == Operand::Kind::name ? find(operand.name, &storage) : nullptr;
  if (s == nullptr) return bad("expected a register to write, found '" + print(operand) + "'");
  if ((s->kind != Kind::narrow && s->kind != Kind::wide) ||
      (s->kind == Kind::wide) != (bits == 64)) {
    return bad("'" + operand.name + "' is not a register of " + std::to_string(bits) + " bits");
  }
  return static_cast<std::uint32_t>(s->value);
}

/// A predicate that nothing writes.
std::uint32_t Symbols::never() {
  if (!never_) never_ = spare_predicate();
  return *never_;
}

Result<std::uint32_t> Symbols::predicate(const Operand& operand) {
  if (operand.kind == Operand::Kind::sink) return scratch_predicate_;
  Symbol storage;
  const Symbol* s = operand.kind == Operand::Kind::name ? find(operand.name, &storage) : nullptr;
  if (s == nullptr && operand.name == "%is_explicit_cluster") return never();
  if (s == nullptr || s->kind != Kind::predicate)
    return bad("expected a predicate, found '" + print(operand) + "'");
  if (operand.is_negated) return unsupported("a negated predicate operand is not implemented");
  return static_cast<std::uint32_t>(s->value);
}

Result<Resolver::Base> Symbols::address(const Operand& operand) {
  Base base;
  base.offset = operand.offset;
  if (operand.name.empty()) {
    base.row = constant(true, 0);
    return base;
  }
  Symbol storage;
  const Symbol* s = find(operand.name, &storage);
  if (s == nullptr) return bad("'" + operand.name + "' is not declared");
  if (s->kind == Kind::predicate) return bad("'" + operand.name + "' cannot be an address");
  if (s->kind == Kind::narrow || s->kind == Kind::wide) {
    base.row = static_cast<std::uint32_t>(s->value);
    base.bits = s->kind == Kind::wide ? 64 : 32;
    return base;
  }
  if (s->kind == Kind::external)
    return bad("'" + operand.name + "' is .extern and the module does not define it");
  if (s->kind == Kind::global || s->kind == Kind::constant) {
    base.space = s->kind == Kind::global ? Space::global : Space::constant;
    base.row = constant(true, 0, static_cast<int>(s->value));
    return base;
  }
  base.space = s->kind == Kind::shared  ? Space::shared
               : s->kind == Kind::local ? Space::local
                                        : Space::param;
  base.row = constant(true, 0);
  base.offset = static_cast<std::int64_t>(static_cast<std::uint64_t>(base.offset) + s->value);
  return base;
}

}  // namespace attest::ptx
