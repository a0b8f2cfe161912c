// Form: one line of the manual's grammar as a pattern, and the handler that it selects.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/decode/options.h"
#include "harness/ptx/machine/program.h"
#include "harness/ptx/machine/propagation.h"
#include "harness/ptx/syntax/ast.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {

/// Which alternatives of a form an instruction chose.
class Match {
 public:
  /// True when the optional or chosen word is there: has("ftz").
  [[nodiscard]] bool has(std::string_view word) const;
  /// The word that the nth `.(a|b)` or `{.a|.b}` group matched; empty when an optional one is
  /// absent.
  [[nodiscard]] std::string_view word(std::size_t nth) const { return words_[nth]; }
  /// Which alternative it was, from 0; -1 when absent.
  [[nodiscard]] int index(std::size_t nth) const { return indices_[nth]; }
  /// The nth `#n` operand.
  [[nodiscard]] std::int64_t integer(std::size_t nth) const { return integers_[nth]; }
  [[nodiscard]] std::size_t integers() const { return integers_.size(); }
  /// Number of operands that were written.
  [[nodiscard]] std::size_t operands() const { return operands_; }
  /// Width in bits of the register in `[a]`: 32 or 64; 0 for a bare symbol or number.
  [[nodiscard]] int address_bits() const { return address_bits_; }
  /// Space of the variable in `[name]`; none for a register or a number.
  [[nodiscard]] Space address_space() const { return address_space_; }
  /// Width in bits of the registers of an `any` operand, and how many there are: 1 unless it is a
  /// vector.
  [[nodiscard]] int register_bits() const { return register_bits_; }
  [[nodiscard]] std::size_t elements() const { return elements_; }
  /// What the last group matched: of most forms the type.
  [[nodiscard]] std::string_view type() const { return words_.back(); }
  /// sm number of the GPU whose arithmetic it is.
  [[nodiscard]] int sm() const { return sm_; }
  [[nodiscard]] const DecodeOptions& options() const { return *options_; }

 private:
  friend class FormMatcher;
  std::vector<std::string_view> words_;
  std::vector<int> indices_;
  std::vector<std::int64_t> integers_;
  std::size_t operands_ = 0;
  int address_bits_ = 0;
  Space address_space_ = Space::none;
  int register_bits_ = 0;
  std::size_t elements_ = 1;
  int sm_ = 80;
  const DecodeOptions* options_ = nullptr;
};

/// Picks the handler; may set `out->imm`. Null: this combination is not implemented.
using Build = Handler (*)(const Match& match, Instr* out);

/// `grammar`: the opcode and its modifiers, then operands.
///   .word           must be there
///   {.word} {.a|.b} optional, one group
///   .(a|b)          one of them; groups are numbered from 0, left to right
///   d:32 a:16 a:64  a register, immediate or special register of that width; p:p a predicate.
///                   Names that start with d are written.
///   a:!p            a predicate that is read, with or without !, or a constant; two slots: its
///                   index, and what to flip it with (0 or all ones)
///   d:any           a register of any width or a vector of such; a constant is as wide as the
///                   instruction's last modifier says
///   {d:32*4}        a vector of 4, flattened into Instr::more
///   d:32|q:p        data, and optionally a predicate (kNoPredicate when absent)
///   [a]             an address: base row in the op slot, offset in Instr::imm (a second: imm2)
///   #n              an integer known at decode time
///   L               a label
///   a:32?           may be missing, as may all that follow
/// Registers take Instr::op slots in the order of the operands.
/// `controls`: of forms that copy or exchange, the op slots of registers that only steer.
struct Form {
  std::string_view grammar;
  Build build = nullptr;
  Propagation propagation = Propagation::spreads;
  unsigned controls = 0;
};

/// Op slot of an absent optional predicate destination.
inline constexpr std::uint32_t kNoPredicate = 0;

/// A row of expected results from the manual or worked by hand; never made by running this code.
/// `instruction` names its operands by role and width: "add.sat.s32 d:32, a:32, b:32". Outputs are
/// the operands whose name starts with d or p, in order; inputs are the others. Checked in every
/// lane. Several instructions that belong together, such as a carry chain, are separated by "; ".
struct Example {
  std::string_view instruction;
  std::vector<std::uint64_t> inputs;
  std::vector<std::uint64_t> outputs;
  std::string_view source;
};

/// A body run by one warp; %lane, %value (32-bit) are declared: expected %value per lane at its
/// end.
struct WarpExample {
  std::string_view body;
  std::vector<std::uint32_t> values;  // one per lane
  std::string_view source;
  std::string_view before = {};  // of the entry: functions that it calls
};

/// A body run by one warp that must end in a finding of this kind, of this thread.
struct FaultExample {
  std::string_view body;
  FindingKind kind;
  std::uint32_t thread = 0;
  std::string_view source;
};

struct Insn {
  std::string_view opcode;
  std::vector<Form> forms;
  std::vector<Example> examples;
  std::vector<WarpExample> warp_examples = {};
  std::vector<FaultExample> fault_examples = {};
};

/// The opcode, for test output.
// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
inline void PrintTo(const Insn& insn, std::ostream* out) {
  *out << insn.opcode;
}

/// Every opcode, sorted by name (generated from harness/ptx/insn/CMakeLists.txt).
[[nodiscard]] const std::vector<Insn>& all_insns();

}  // namespace attest::ptx
