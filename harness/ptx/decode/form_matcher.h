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
  virtual int width(const Operand& operand, std::string_view type) const = 0;
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

/// What a matched form puts into the instruction.
struct Decoded {
  Instr instr;
  std::vector<std::uint32_t> more;
  std::string label;
};

class FormMatcher {
 public:
  /// True when opcode modifiers fit the form; fills the match's words.
  static bool fits(const Form& form, const Instruction& instruction, Match* match);
  /// Resolves operands and selects the handler. Errors say what is wrong with which operand.
  /// `sm`: of options.arch, or of the module's target when that is empty.
  static Result<Decoded> build(const Form& form,
                               const Instruction& instruction,
                               Match* match,
                               Resolver& names,
                               int sm,
                               const DecodeOptions& options);
};

}  // namespace attest::ptx
