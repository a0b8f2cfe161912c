// InsnClass of an instruction, and what it means to lanes that wait.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch_counts.h"
#include "harness/ptx/syntax/ast.h"

namespace attest::ptx {

[[nodiscard]] InsnClass insn_class(const Instruction& i);

/// A loop around it can be a wait for what other threads write: atomics, volatile and ordered loads,
/// tests of an mbarrier, and sleeps.
[[nodiscard]] bool is_poll(const Instruction& i);

/// Changes memory whenever it executes. An atomic says so itself, since a failed one changes
/// nothing.
[[nodiscard]] bool is_store(const Instruction& i);

}  // namespace attest::ptx
