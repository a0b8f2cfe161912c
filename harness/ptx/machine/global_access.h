// Accesses to global memory for a whole warp: one pass that checks and finds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/lane_bytes.h"
#include "harness/ptx/machine/memory_access.h"
#include "harness/ptx/machine/warp.h"

#include <cstdint>

namespace attest::ptx {

/// Checks bounds, alignment, writability and (reads) initialisation of `size_bytes` bytes at
/// `addresses[l] + offset` for every lane of `m`; marks written bytes; looks for races; orders threads
/// if the access is strong. All accesses to global and constant memory come here. False after a finding.
bool global_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::int64_t offset,
                  std::int64_t size_bytes,
                  MemoryAccess access,
                  LaneBytes* out);

}  // namespace attest::ptx
