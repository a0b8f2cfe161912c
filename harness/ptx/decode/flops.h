// Floating-point operations of an instruction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/ast.h"

#include <cstdint>

namespace attest::ptx {

/// Of one warp instruction, all 32 lanes of it. Additions, products, extremes, divisions, roots and
/// transcendental functions are one for each element, also within an atomic; a fused multiply-add
/// and an extreme of three are two. A matrix instruction on floating-point elements: 2 m n k for
/// each product that the warp forms. Everything else: 0.
[[nodiscard]] std::int64_t flops(const Instruction& i);

}  // namespace attest::ptx
