// Asynchronous copies into shared memory: bytes arrive when their thread waits for them, or when an
// mbarrier that tracks them needs them: as late as is legal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/shared_access.h"

#include <algorithm>

namespace attest::ptx {

/// Delivers, in the order of issue, the copies of `w` for which `is_due` holds.
template <class IsDue>
void deliver_copies(Warp& w, IsDue is_due) {
  SharedMemory& shared = w.cta->shared();
  const auto deliver = [&](const AsyncCopy& c) {
    if (!is_due(c)) return false;
    ++w.cta->mbarriers().copies(w.index, c.lane).delivered;
    shared.deliver_copy(shared_access(w, c.at, c.lane), c.shared_address, c.size_bytes, c.bytes);
    return true;
  };
  w.copies.erase(std::remove_if(w.copies.begin(), w.copies.end(), deliver), w.copies.end());
}

}  // namespace attest::ptx
