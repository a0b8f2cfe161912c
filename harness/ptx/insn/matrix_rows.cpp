// Rows of matrices at generic addresses.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/matrix_rows.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/memory/windows.h"

#include <algorithm>

namespace attest::ptx {

bool generic_row_lanes(Warp& w, const Instr* i, u32 m, SharedUse use, SharedLanes* at) {
  const u32 size = w.cta->shared().size_bytes();
  const u64* row = w.row<const u64>(i->op[0]);
  for (int l = 0; l < kLanes; ++l) {
    const u64 offset = row[l] + static_cast<u64>(i->imm) - kSharedWindow;
    at->address[l] = static_cast<u32>(offset);
    const bool is_aligned = offset % kMatrixRowBytes == 0;
    const bool is_within = offset <= size && size - offset >= kMatrixRowBytes;
    if ((m >> l & 1) == 0 || (is_aligned && is_within)) continue;
    report_shared_bounds(w,
                         i,
                         l,
                         is_aligned ? FindingKind::out_of_bounds : FindingKind::misaligned,
                         use.access,
                         static_cast<u32>(std::min<u64>(offset, ~0u)),
                         kMatrixRowBytes);
    return false;
  }
  if (w.traffic != nullptr) [[unlikely]]
    w.traffic->shared(m, at->address, kMatrixRowBytes, use.path);
  return true;
}

}  // namespace attest::ptx
