// Contraction: products fused with the sums that read them, as the compiler behind PTX may do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/syntax/ast.h"

namespace attest::ptx {

/// `module` with every `mul` whose only reader is an `add` or `sub` turned into one fma with it,
/// rounded once: both of one type and .ftz, without a rounding modifier, in one basic block, under
/// one guard, the factors unchanged between them. f32, f64, f16, bf16 and their pairs.
/// Source  PTX ISA 9.1, 9.7.3.3 to 9.7.3.5 and 9.7.4.1 to 9.7.4.3: a mul/add or mul/sub sequence
///         without rounding modifiers may be fused; with one, each is rounded.
[[nodiscard]] Module contracted(const Module& module);

}  // namespace attest::ptx
