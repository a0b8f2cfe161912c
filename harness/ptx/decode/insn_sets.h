// The instructions, built for each kind of processor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/form.h"
#include "harness/ptx/machine/simd.h"

#include <string_view>
#include <vector>

namespace attest::ptx {

/// Every opcode, sorted by name, with handlers of that build.
[[nodiscard]] const std::vector<Insn>& insns(Simd simd);

/// Null for an opcode that is not there.
[[nodiscard]] const Insn* find_insn(std::string_view opcode, Simd simd);

}  // namespace attest::ptx
