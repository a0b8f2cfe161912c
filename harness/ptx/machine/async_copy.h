// Asynchronous copies into shared memory: bytes arrive when their thread waits for them, or when an
// mbarrier that tracks them needs them: as late as is legal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/shared_rows.h"

#include <cstdint>
#include <vector>

namespace attest::ptx {

inline void deliver_lanes(Warp& w, const AsyncCopies& copies, std::uint32_t lanes) {
  SharedMemory& shared = w.cta->shared();
  for (std::size_t l = 0; l < kLanes; ++l)
    w.delivered_copies[l] += lanes >> l & 1;
#if !defined(ATTEST_PLAIN)
  if (lanes == kAllLanes && copies.size_bytes == sizeof copies.bytes[0] &&
      !w.cta->grid().options().keeps_sites) {
    if (!copies.is_placed) place_rows(shared, copies.shared_address, copies.bytes);
    deliver_rows(shared, copies.shared_address, w.index);
    return;
  }
#endif
  for (int l = 0; l < kLanes; ++l) {
    if ((lanes >> l & 1) == 0) continue;
    shared.deliver_copy(shared_access(w, copies.at, l),
                        copies.shared_address[l],
                        copies.size_bytes,
                        copies.is_placed ? nullptr : copies.bytes[l]);
  }
}

/// Delivers, in the order of issue, the copies of `w` in the lanes that `due(copies)` gives.
template <class Due>
void deliver_copies(Warp& w, Due due) {
  for (AsyncCopies& c : w.copies) {
    const std::uint32_t lanes = c.lanes & due(c);
    if (lanes == 0) continue;
    deliver_lanes(w, c, lanes);
    c.lanes &= ~lanes;
  }
  std::erase_if(w.copies, [](const AsyncCopies& c) { return c.lanes == 0; });
}

}  // namespace attest::ptx
