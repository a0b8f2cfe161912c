// Arguments and results of calls: bytes of local memory that go from one variable to another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/warp.h"

namespace attest::ptx {

/// Handler: op[0] bytes from offset imm to offset imm2 of each lane's local memory. Unwritten bytes,
/// such as gaps between members, stay so.
const Instr* copy_local(Warp& w, const Instr* i);

}  // namespace attest::ptx
