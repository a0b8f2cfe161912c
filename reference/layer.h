// The whole self-attention layer in double, straight from the formula.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/layer.h"
#include "harness/problem/operation_data.h"

#include <vector>

namespace attest {

/// y [batch, seq, dim], packed. Code of its own: it shares nothing with the references of the
/// operations into which pipelines cut the layer. The same bits on every x86-64-v3 machine: no libm.
/// Source  PyTorch, torch.nn.MultiheadAttention with masked_fill(mask == 0, fill).
[[nodiscard]] std::vector<double> reference_layer(const LayerProblem& layer,
                                                  const LayerInputs& inputs);

}  // namespace attest
