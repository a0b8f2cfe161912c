// Inputs of operations and layers, bit for bit from the seed; no libm, the same on every machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/layer.h"
#include "harness/problem/operation.h"
#include "harness/problem/tensor.h"

#include <cstdint>
#include <vector>

namespace attest {

/// The inputs of one launch, each as buffer_layout() says; empty where the operation has none.
struct Operands {
  HostTensor a;
  HostTensor b;
  HostTensor bias;
  std::vector<std::uint8_t> mask;  // [batch, 1, m, n], 0 or 1
};

/// Draws a, b, bias and mask. An element keeps its bits when a transpose, a placement or a size
/// around it changes, except that B scales with 1/sqrt(k). Gaps between rows hold NaN.
/// normal  A, S, X are N(0, amplitude^2), B is N(0, 1/k): A B is as large as A
[[nodiscard]] Operands draw_operands(const Operation& operation);

/// What a launch of an operation wrote.
struct OperationOutputs {
  std::vector<HostTensor> c;        // as many as the split
  std::vector<std::uint8_t> bytes;  // of equals_zero: [batch, 1, m, n], and no c
};

struct LayerInputs {
  HostTensor x;
  HostTensor w_qkv;
  HostTensor b_qkv;
  HostTensor w_out;
  HostTensor b_out;
  std::vector<std::uint8_t>
      mask;  // [batch, seq, seq], 1 = kept by every part of LayerProblem::mask
};

/// x is N(0, amplitude^2); weights are N(0, 1/dim), so that what the layer computes stays near 1.
[[nodiscard]] LayerInputs draw_layer(const LayerProblem& layer);

}  // namespace attest
