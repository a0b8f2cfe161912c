// The rows of 8 x 8 matrices that ldmatrix and stmatrix move: one address for each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/shared_access.h"

namespace attest::ptx {

inline constexpr u32 kMatrixRowBytes = 16;  // eight b16

/// What the address registers hold: offsets in shared memory, or generic addresses.
enum class RowAddress : u8 { narrow, wide, generic };

/// Of the lanes of `m`: op[0] has generic addresses, all of which must be of shared memory.
bool generic_row_lanes(Warp& w, const Instr* i, u32 m, SharedUse use, SharedLanes* at);

/// Shared addresses of the 8 * Count rows, in bounds and aligned: row r at the address of lane r.
/// False after a finding.
template <int Count, RowAddress Kind>
bool row_lanes(Warp& w, const Instr* i, SharedUse use, SharedLanes* at) {
  constexpr u32 kRows = 8 * Count;
  constexpr u32 kAddressLanes = kRows == 32 ? kAllLanes : (1u << kRows) - 1;
  if constexpr (Kind == RowAddress::generic) {
    return generic_row_lanes(w, i, kAddressLanes, use, at);
  } else {
    constexpr bool kIsWide = Kind == RowAddress::wide;
    return shared_lanes(w, i, kAddressLanes, i->op[0], kIsWide, kMatrixRowBytes, use, at);
  }
}

/// The handler of Op<Count, IsTransposed, Kind> for a form with `{.trans}` and
/// `{.shared|.shared::cta}`; null for what there is not.
template <template <int, bool, RowAddress> class Op, int Count, int FirstSm>
Handler pick_rows(const Match& match) {
  if (match.sm() < FirstSm) return nullptr;
  const bool is_transposed = match.has("trans");
  const bool is_narrow = match.address_bits() == 32;
  if (!match.has("shared") && !match.has("shared::cta")) {
    if (is_narrow) return nullptr;  // not the size of a generic address
    return is_transposed ? Op<Count, true, RowAddress::generic>::run
                         : Op<Count, false, RowAddress::generic>::run;
  }
  if (is_narrow)
    return is_transposed ? Op<Count, true, RowAddress::narrow>::run
                         : Op<Count, false, RowAddress::narrow>::run;
  return is_transposed ? Op<Count, true, RowAddress::wide>::run
                       : Op<Count, false, RowAddress::wide>::run;
}

}  // namespace attest::ptx
