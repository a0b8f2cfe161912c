// LaneBytes: where the bytes that a warp's lanes access are in the host's memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/warp.h"

#include <cstddef>
#include <cstdint>

namespace attest::ptx {

struct LaneBytes {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): whoever fills it would write host twice
  LaneBytes() {}

  std::byte* host[kLanes];      // of lanes that execute
  bool are_runs = false;        // all 32 lanes execute; in each half a lane follows the one before
  bool is_contiguous = false;   // all 32 lanes execute, and lane l + 1 follows lane l directly
  bool is_same = false;         // all 32 lanes execute, and access the same bytes
  std::uint32_t in_global = 0;  // lanes whose bytes are in global memory
};

}  // namespace attest::ptx
