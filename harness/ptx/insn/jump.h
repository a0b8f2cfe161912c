// Jumps whose target each lane has for itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"

namespace attest::ptx {

/// Sends every lane of `m`, which is not empty, to `target_of(lane)`, a block leader. Lanes with
/// one target stay together; those that execute and are not in `m` go on behind `i`.
template <class TargetOf>
const Instr* send_lanes(Warp& w, const Instr* i, u32 m, TargetOf target_of) {
  for (u32 left = m;;) {
    const Instr* target = target_of(static_cast<u32>(std::countr_zero(left)));
    u32 group = 0;
    for (u32 rest = left; rest != 0; rest &= rest - 1) {
      const auto lane = static_cast<u32>(std::countr_zero(rest));
      if (target_of(lane) == target) group |= 1u << lane;
    }
    if (group == w.active) return target;
    w.diverge(target, group, i + 1);
    left &= ~group;
    if (left == 0) return i + 1;
  }
}

}  // namespace attest::ptx
