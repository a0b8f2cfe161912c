// The operations of the layer in double, from their formulas; the yardstick for their kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation.h"
#include "harness/problem/operation_terms.h"
#include "reference/balls.h"

namespace attest {

/// The result, the terms of its bound, and how far the result can move when every input moves
/// within its radius; derived beside the code. Finite inputs only. The same bits on every x86-64-v3
/// machine: no libm.
[[nodiscard]] OperationTerms reference_operation(const Operation& operation,
                                                 const OperandBalls& operands);

}  // namespace attest
