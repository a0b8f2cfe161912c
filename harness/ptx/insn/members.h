// Member masks of .sync instructions: who must have come, and who belongs together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {

/// True when every live member of the executing lanes' masks executes `i` too. Otherwise sets
/// `next` to what the handler returns: the lanes wait, or a lane is not in its own mask.
inline bool members_have_come(Warp& w, const Instr* i, u32 mask_row, const Instr** next) {
  const u32 executing = w.lanes(*i);
  const u32* mask = w.row<const u32>(mask_row);
  u32 members = 0;
  u32 outside = 0;
  for (u32 l = 0; l < kLanes; ++l) {
    const u32 counts = 0u - (executing >> l & 1);
    members |= mask[l] & counts;
    outside |= ~mask[l] & counts & 1u << l;
  }
  if (outside != 0) {
    *next = report(w,
                   i,
                   __builtin_ctz(outside),
                   FindingKind::barrier_divergence,
                   "the thread is not in its own member mask");
    return false;
  }
  return w.converged(i, members, next);
}

/// Calls `act` with the lanes of each group that executes with one mask: tiles of a warp do so side
/// by side.
template <class Act>
void for_each_group(const Warp& w, const Instr* i, u32 mask_row, Act act) {
  const u32* mask = w.row<const u32>(mask_row);
  for (u32 left = w.lanes(*i); left != 0;) {
    const u32 first = mask[__builtin_ctz(left)];
    u32 group = 0;
    for (u32 l = 0; l < kLanes; ++l)
      group |= static_cast<u32>(mask[l] == first) << l;
    group &= left;
    act(group);
    left &= ~group;
  }
}

/// Calls `act` with the number of each lane that is set.
template <class Act>
void for_each_lane(u32 lanes, Act act) {
  for (; lanes != 0; lanes &= lanes - 1)
    act(static_cast<u32>(__builtin_ctz(lanes)));
}

/// Handler of a .sync instruction: waits for the members, then Op(warp, instruction, group) for
/// each group. op[kMask] is the row of member masks.
template <auto Op, std::size_t kMask>
const Instr* each_group(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  const Instr* next = nullptr;
  if (!members_have_come(w, i, i->op[kMask], &next)) return next;
  for_each_group(w, i, i->op[kMask], [&](u32 group) { Op(w, i, group); });
  return i + 1;
}

}  // namespace attest::ptx
