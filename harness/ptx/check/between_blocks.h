// between_blocks: planted faults of what one block does to another through global memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/check/check.h"

namespace attest::ptx {

/// The fault as a race of two blocks of one thread each, that block 1 is caught at.
inline PlantedFault between_blocks(PlantedFault fault) {
  fault.kind = FindingKind::global_race;
  fault.block_threads = 1;
  fault.has_other_side = true;
  fault.blocks = 2;
  fault.block = {1, 0, 0};
  return fault;
}

}  // namespace attest::ptx
