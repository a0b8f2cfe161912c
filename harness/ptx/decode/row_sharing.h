// Rows for registers: those that no thread needs at the same time share one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/symbols.h"
#include "harness/ptx/decode/undefined_registers.h"
#include "harness/ptx/machine/program.h"

#include <vector>

namespace attest::ptx {

/// nvcc gives every value a register of its own, hundreds of kilobytes for a warp; what is live at a
/// time stays in the nearest cache. A thread's path decides: a lane writes and reads its own part of
/// a row only. Leaves programs alone that call functions, or whose undefined registers are followed.
/// `elements` goes with Program::code, whose pointers are set.
void share_rows(const std::vector<Element>& elements,
                const std::vector<Body>& bodies,
                const Symbols& symbols,
                Program* program);

}  // namespace attest::ptx
