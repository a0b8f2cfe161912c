// The memory semantics and scope that an instruction spells: .relaxed.gpu, .acq_rel.cta, .volatile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/ordering.h"

namespace attest::ptx {

/// Of a load or store: weak unless a word says otherwise.
inline MemoryOrder memory_order(const Match& match) {
  MemoryOrder order;
  order.acquires = match.has("acquire") || match.has("acq_rel");
  order.releases = match.has("release") || match.has("acq_rel");
  order.is_strong =
      order.acquires || order.releases || match.has("relaxed") || match.has("volatile");
  order.is_cta = match.has("cta") || match.has("cluster");
  return order;
}

/// Of an atomic: relaxed unless a word says otherwise.
inline MemoryOrder atomic_order(const Match& match) {
  MemoryOrder order = memory_order(match);
  order.is_strong = true;
  return order;
}

/// Through Instr::imm2 or a template argument, from the builder to the handler.
inline s64 pack(MemoryOrder order) {
  return s64{order.is_strong} | s64{order.acquires} << 1 | s64{order.releases} << 2 |
         s64{order.is_cta} << 3;
}
inline MemoryOrder unpack(s64 packed) {
  return {
      (packed & 1) != 0, (packed >> 1 & 1) != 0, (packed >> 2 & 1) != 0, (packed >> 3 & 1) != 0};
}

}  // namespace attest::ptx
