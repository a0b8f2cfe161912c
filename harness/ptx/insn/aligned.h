// What every .aligned instruction of a whole warp begins with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {

/// True when all 32 lanes execute `i`. Else `*next` is where to go on: behind it when none does,
/// where other lanes of the warp wait, or null after a finding.
inline bool enter_aligned(Warp& w, const Instr* i, const Instr** next) {
  const u32 m = w.lanes(*i);
  *next = i + 1;
  if (m == 0 || !w.converged(i, w.started, next)) return false;
  if (m == kAllLanes) [[likely]]
    return true;
  *next = report(w,
                 i,
                 __builtin_ctz(m),
                 FindingKind::barrier_divergence,
                 ".aligned instruction without all lanes of the warp");
  return false;
}

/// A builder of a handler that GPUs from `FirstSm` on have.
template <int FirstSm, Handler H>
Handler since(const Match& match, Instr*) {
  return match.sm() < FirstSm ? nullptr : H;
}

}  // namespace attest::ptx
