// Special registers: what the machine tells a kernel about itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace attest::ptx {

struct Instr;
struct Warp;

/// Source  PTX ISA 9.0, section 10.
struct SpecialRegister {
  std::string_view name;  // "%tid.x"
  int bits = 32;
  enum class Changes : std::uint8_t { never, with_block, at_reads };
  Changes changes = Changes::never;  // during a launch
  bool is_per_lane = false;
  /// `index` as here; `lane` counts when it is per lane.
  std::uint64_t (*value)(const Warp& w, std::uint32_t index, std::uint32_t lane) = nullptr;
  std::uint32_t index = 0;  // axis, number
};

/// Null for a name that is none, and for %pm0.. and others that only exist on hardware.
[[nodiscard]] const SpecialRegister* find_special_register(std::string_view name);

/// Fills the rows of the registers that change so.
void fill_special_rows(Warp& w, SpecialRegister::Changes changes);

/// Handler in front of an instruction that reads one that changes at reads: op[0] is its number in
/// Program::specials, imm what the block leader has counted too far.
const Instr* refresh_special(Warp& w, const Instr* i);

}  // namespace attest::ptx
