// Symbols: the scoped names of one function, and the rows, offsets and constants behind them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form_matcher.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

class Symbols final : public Resolver {
 public:
  /// `functions`: all that the program holds; of the module's shared variables those they use are
  /// placed.
  Symbols(const Module& module, const std::vector<const Function*>& functions, Program* program);

  /// The module's .global and .const variables.
  Status declare_variables(const Module& module);

  void enter();
  void leave();
  Status declare_parameters(const Function& function);
  Status declare(const RegisterDeclaration& declaration);
  Status declare(const VariableDeclaration& declaration);
  /// Makes a name of this scope seen from everywhere under `outer`.
  void share(const std::string& name, const std::string& outer);
  [[nodiscard]] bool is_register(const std::string& name) const;
  /// Of the register with this row or predicate index; empty for rows that are none, and for
  /// parameters of functions.
  [[nodiscard]] std::string register_name(bool is_predicate, std::uint32_t value) const;
  [[nodiscard]] bool is_wide(std::uint32_t row) const;
  /// Number in Program::specials of a row that has to be filled before every read.
  [[nodiscard]] std::optional<std::size_t> refreshed(std::uint32_t row) const;
  /// Rows and predicates beside those of the text; zero where a block starts for the first time.
  std::uint32_t spare_row(bool is_wide) { return new_row(is_wide); }
  std::uint32_t spare_predicate() { return program_->predicate_count++; }
  void declare_label(const std::string& name);
  /// Number of the label that is seen here, or -1.
  [[nodiscard]] int label(const std::string& name) const;

  Result<std::uint32_t> source(const Operand& operand, int bits) override;
  Result<std::uint32_t> destination(const Operand& operand, int bits) override;
  [[nodiscard]] int width(const Operand& operand, std::string_view type) const override;
  Result<std::uint32_t> predicate(const Operand& operand) override;
  Result<Base> address(const Operand& operand) override;

 private:
  enum class Kind : std::uint8_t {
    predicate,
    narrow,
    wide,
    shared,
    local,
    param,
    global,
    constant,
    external,  // declared .extern, and defined nowhere in the module
  };
  struct Symbol {
    Kind kind = Kind::narrow;
    int bits = 32;
    std::uint64_t value = 0;  // row, predicate index, offset in its space, or number in the module
  };
  struct Numbered {  // %r<N>
    Symbol first;
    std::uint64_t count = 0;
    std::uint64_t step = 0;
  };
  struct Scope {
    std::unordered_map<std::string, Symbol> names;
    std::unordered_map<std::string, Numbered> numbered;  // by prefix
    std::unordered_map<std::string, int> labels;
  };

  // symbols.cpp
  [[nodiscard]] const Symbol* find(const std::string& name, Symbol* storage) const;
  std::uint32_t new_row(bool is_wide);
  void place_shared(const Module& module, const std::vector<const Function*>& functions);
  void place(const VariableDeclaration& declaration, std::int64_t offset, std::int64_t size_bytes);
  Status declare_shared(const VariableDeclaration& declaration);
  Status declare_local(const VariableDeclaration& declaration);

  // symbol_operands.cpp
  Result<std::uint32_t> special(const std::string& name, int bits);
  std::uint32_t never();
  /// Row of a constant; of an address when it is of a variable of the module, plus `bits`.
  std::uint32_t constant(bool is_wide, std::uint64_t bits, int variable = -1);
  /// Value of a variable's name plus an offset.
  Result<std::uint32_t> address_of(const Operand& operand, const Symbol& symbol, bool is_wide);

  Program* program_;
  std::vector<Scope> scopes_;
  std::map<std::tuple<bool, std::uint64_t, int>, std::uint32_t> constants_;
  std::unordered_map<std::string, std::size_t> specials_;  // index in Program::specials
  struct Range {                                           // registers of one declaration
    std::string name;
    std::uint32_t count = 0;
    std::uint32_t step = 0;
    bool is_numbered = false;
    bool is_formal = false;  // written by callers, or read by them
  };
  std::map<std::uint32_t, Range> row_ranges_, predicate_ranges_;  // by the first
  std::optional<std::uint32_t> never_;
  std::unordered_map<const VariableDeclaration*, std::int64_t> shared_offsets_;
  std::uint32_t scratch_narrow_ = 0;
  std::uint32_t scratch_wide_ = 0;
  std::uint32_t scratch_predicate_ = 0;
  int label_count_ = 0;
};

}  // namespace attest::ptx
