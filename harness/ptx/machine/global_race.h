// Races in global memory: one pass over the lanes of an access, in the order of threads and blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/memory_access.h"
#include "harness/ptx/machine/warp.h"

#include <cstdint>

namespace attest::ptx {

/// Looks up and records accesses of `size_bytes` at `addresses[l] + offset` for the lanes of `m`,
/// within bounds; a strong access also orders threads. False after a finding.
bool watch_global(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  const std::uint64_t* addresses,
                  std::uint64_t offset,
                  std::uint64_t size_bytes,
                  MemoryAccess access);

}  // namespace attest::ptx
