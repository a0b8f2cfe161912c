// The barrier of a block, which bar.sync and barrier.sync spell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {

inline constexpr s64 kBarriers = 16;  // of a block

/// The lanes of the warp arrive together; the CTA lets the warp go.
inline const Instr* wait_at_barrier(Warp& w, const Instr* i, u32 number) {
  const Instr* next = nullptr;
  if (!w.converged(i, w.started, &next)) return next;
  if (w.live != w.started) {
    return report(w,
                  i,
                  __builtin_ctz(w.live),
                  FindingKind::barrier_divergence,
                  "some lanes of the warp have ended, the others wait at a barrier");
  }
  w.state = WarpState::at_barrier;
  w.barrier = number;
  w.resume = i + 1;
  return nullptr;
}

inline const Instr* wait_at_numbered_barrier(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  return wait_at_barrier(w, i, static_cast<u32>(i->imm));
}

/// op: the number of the barrier, the same in every lane.
inline const Instr* wait_at_barrier_in_register(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const int first = std::countr_zero(m);
  const u32* number = w.row<const u32>(i->op[0]);
  if (number[first] >= kBarriers) {
    return report(w,
                  i,
                  first,
                  FindingKind::out_of_bounds,
                  "barrier " + std::to_string(number[first]) + ": a block has 16");
  }
  return wait_at_barrier(w, i, number[first]);
}

/// `#n`: its number.
inline Handler numbered_barrier(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 && out->imm < kBarriers ? wait_at_numbered_barrier : nullptr;
}

}  // namespace attest::ptx
