// FormMatcher: tries one form on one instruction; resolves operands through a symbol table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/ptx/decode/form.h"
#include "harness/ptx/machine/program.h"
#include "harness/ptx/syntax/ast.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// What a name or a number is once it has a place in the machine.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// Row of a register, special register, address symbol or number that is read as `bits` wide.
  virtual Result<std::uint32_t> source(const Operand& operand, int bits) = 0;
  /// Row of a register that is written; `_` is a scratch row.
  virtual Result<std::uint32_t> destination(const Operand& operand, int bits) = 0;
  /// Bits of a register; of anything else those of `type`.
  [[nodiscard]] virtual int width(const Operand& operand, std::string_view type) const = 0;
  virtual Result<std::uint32_t> predicate(const Operand& operand) = 0;
  /// Base row and width (0 for a constant base) of `[name+offset]`.
  struct Base {
    std::uint32_t row = 0;
    int bits = 0;
    std::int64_t offset = 0;
    Space space = Space::none;  // of a variable
  };
  virtual Result<Base> address(const Operand& operand) = 0;
};

/// What one operand slot is to its instruction.
struct OperandUse {
  enum class Role : std::uint8_t { read, address, written };
  Role role = Role::read;
  bool is_more = false;  // slot counts Instr::more, not Instr::op
  std::uint8_t slot = 0;
  std::uint8_t bits = 0;     // 1: a predicate; 0: an address without a register
  std::uint8_t operand = 0;  // of the instruction, from 0
  std::uint32_t value = 0;   // row or predicate index
};

/// What a matched form puts into the instruction.
struct Decoded {
  Instr instr;
  std::vector<std::uint32_t> more;
  std::string label;
  Propagation propagation = Propagation::spreads;
  unsigned controls = 0;
  std::vector<OperandUse> uses;  // registers, constants and special registers alike
};

/// Why a form does not take an instruction.
struct Mismatch {
  Error error;
  Position position;     // of the operand, or of nothing
  std::size_t rank = 0;  // how much of the form it fits; the best form's objection is shown
};

class FormMatcher {
 public:
  /// `sm`: of options.arch, or of the module's target when that is empty. References outlive it.
  FormMatcher(Resolver& names, int sm, const DecodeOptions& options)
      : names_(names), sm_(sm), options_(options) {}

  /// True when opcode modifiers fit the form; fills the match's words.
  static bool fits(const Form& form, const Instruction& instruction, Match* match);
  /// Resolves operands and selects the handler. False: `mismatch` says what is wrong with which
  /// operand.
  bool build(const Form& form,
             const Instruction& instruction,
             Match* match,
             Decoded* out,
             Mismatch* mismatch) const;

 private:
  /// Why a form that takes the operands has no handler: the GPU, where another has one.
  [[nodiscard]] std::string refusal(const Form& form, Match match) const;

  Resolver& names_;
  int sm_;
  const DecodeOptions& options_;
};

}  // namespace attest::ptx
