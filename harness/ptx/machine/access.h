// Access: from the addresses of a warp's lanes to their bytes, in any space, with every check.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/lane_bytes.h"
#include "harness/ptx/machine/memory_access.h"
#include "harness/ptx/machine/warp.h"

#include <cstdint>

namespace attest::ptx {

/// Lanes one after the other, as an atomic applies them: ascending, or as the schedule's seed says.
struct LaneOrder {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): `count` lanes are written, and read
  LaneOrder() {}

  std::uint8_t lane[kLanes];
  int count = 0;
  [[nodiscard]] const std::uint8_t* begin() const { return lane; }
  [[nodiscard]] const std::uint8_t* end() const { return lane + count; }
};
/// Of the lanes of `m` at `i`; the same whenever it is asked for one execution.
[[nodiscard]] LaneOrder lane_order(const Warp& w, const Instr* i, std::uint32_t m);

/// Checks bounds, alignment, writability, initialisation and races of `size_bytes` bytes at the
/// address of each lane of `m`; orders threads if the access is strong. Written bytes count as
/// written from here on. Addresses of parameters are those of their window, of shared and local
/// memory offsets, unless the space is generic. False after a finding.
bool access_at(Warp& w,
               const Instr* i,
               std::uint32_t m,
               const std::uint64_t* addresses,
               std::int64_t size_bytes,
               MemoryAccess access,
               LaneBytes* out);

/// The same at row `address_row` plus Instr::imm.
bool access_lanes(Warp& w,
                  const Instr* i,
                  std::uint32_t m,
                  std::uint32_t address_row,
                  std::int64_t size_bytes,
                  MemoryAccess access,
                  LaneBytes* out);

}  // namespace attest::ptx
