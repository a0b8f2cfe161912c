// Attention step by step in the kernel's dtype, as a framework without fusion computes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <vector>

namespace attest {

struct UnfusedAttention {
  std::vector<double> o;    // packed [batch, heads_q, seq_q, head_dim_v], values of the dtype
  std::vector<double> lse;  // packed [batch, heads_q, seq_q], values of f32
};

/// S = q k^T, scale * S, P = softmax and O = P v, each stored in the problem's dtype; sums and softmax
/// in f32, one term after another. What FlashAttention's tests hold a kernel to twice the error of.
/// Of plain attention: no bias, ALiBi, softcap or sink. The same bits on every x86-64-v3 machine: no libm.
[[nodiscard]] UnfusedAttention unfused_attention(const Problem& problem, const Inputs& inputs);

}  // namespace attest
