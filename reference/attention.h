// Softmax attention in double, from the formula; the yardstick for every kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"

#include <cstdint>

namespace attest {

/// Which terms are wanted: those of the worst case, or those of what is likely as well.
enum class Detail : std::uint8_t { worst, likely };

/// O, LSE and the terms of the bound for the exact low-precision inputs, with a mask evaluation of
/// its own. Keys that are not kept (fill=-inf) are skipped, never multiplied by 0. The same bits on
/// every x86-64-v3 machine: no libm.
/// Shapes  inputs as draw_inputs() makes them -> packed row-major terms.
[[nodiscard]] ReferenceTerms reference_attention(const Problem& problem,
                                                 const Inputs& inputs,
                                                 Detail detail = Detail::worst);

}  // namespace attest
