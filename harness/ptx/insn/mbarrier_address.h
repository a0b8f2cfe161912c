// Where the mbarrier of a lane lies: shared or generic addresses, bounds, and the report of a misuse.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/memory/windows.h"

#include <string>

namespace attest::ptx {

inline constexpr u32 kMbarrierBytes = 8;

/// Instr::imm2 of these instructions.
enum class MbarrierAddressing : s64 { narrow, wide, generic };

/// For forms whose first group is {.shared|.shared::cta}, absent in generic ones.
inline void set_addressing(const Match& match, Instr* out) {
  const bool is_generic = !match.has("shared") && !match.has("shared::cta");
  const auto addressing = is_generic                   ? MbarrierAddressing::generic
                          : match.address_bits() == 32 ? MbarrierAddressing::narrow
                                                       : MbarrierAddressing::wide;
  out->imm2 = static_cast<s64>(addressing);
}
template <Handler H>
Handler mbarrier_at(const Match& match, Instr* out) {
  set_addressing(match, out);
  return H;
}
template <Build B>
Handler mbarrier_in(const Match& match, Instr* out) {
  set_addressing(match, out);
  return B(match, out);
}

/// True when nothing is wrong; otherwise a finding is made.
inline bool is_right(Warp& w, const Instr* i, int lane, u32 address, const std::string& wrong) {
  if (wrong.empty()) return true;
  report_mbarrier(w, i, lane, address, wrong);
  return false;
}

/// Calls act(lane, address in shared memory) for each lane that executes, in their order, until it
/// is false; then null is returned, and after a finding about the address.
template <class Act>
const Instr* each_mbarrier(Warp& w, const Instr* i, u32 row, Act act) {
  const auto addressing = static_cast<MbarrierAddressing>(i->imm2);
  const u32 m = w.lanes(*i);
  const u64 size = w.cta->shared().size_bytes();
  for (int l = 0; l < kLanes; ++l) {
    if ((m >> l & 1) == 0) continue;
    u64 at = addressing == MbarrierAddressing::narrow ? w.row<const u32>(row)[l]
                                                      : w.row<const u64>(row)[l];
    at += static_cast<u64>(i->imm);
    if (addressing == MbarrierAddressing::generic) at -= kSharedWindow;
    FindingKind kind = FindingKind::misaligned;
    if (at >= size || size - at < kMbarrierBytes) kind = FindingKind::out_of_bounds;
    if (kind == FindingKind::out_of_bounds || at % kMbarrierBytes != 0) {
      return report_shared_bounds(
          w, i, l, kind, Access::write, static_cast<u32>(at), kMbarrierBytes);
    }
    if (!act(l, static_cast<u32>(at))) return nullptr;
  }
  return i + 1;
}

}  // namespace attest::ptx
