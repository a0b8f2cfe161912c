// The moves of wmma.load and wmma.store: one fragment, decided when a program is decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/fragment_map.h"
#include "harness/ptx/machine/mma_plan.h"

#include <compare>

namespace attest::ptx {

struct WmmaMove {
  FragmentRole role = FragmentRole::a;
  MmaShape shape;
  MmaFormat format = MmaFormat::f16;
  bool is_row_major = true;  // in memory
  Space space = Space::generic;
  bool is_wide = true;  // 64-bit addresses
  bool has_stride = false;
  friend auto operator<=>(const WmmaMove&, const WmmaMove&) = default;
};

/// Handlers. op[0]: addresses; op[1]: the stride in elements, if there is one; more: the registers;
/// imm2: what wmma_move() gave.
const Instr* wmma_load(Warp& w, const Instr* i);
const Instr* wmma_store(Warp& w, const Instr* i);

/// For Instr::imm2.
[[nodiscard]] s64 wmma_move(const WmmaMove& move);

}  // namespace attest::ptx
