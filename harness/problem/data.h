// Inputs of a Problem, bit for bit from its seed; no libm, the same on every machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "harness/problem/tensor.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace attest {

struct Inputs {
  HostTensor q;                    // [batch, heads_q, seq_q, head_dim]
  HostTensor k;                    // [batch, heads_kv, seq_kv, head_dim]
  HostTensor v;                    // [batch, heads_kv, seq_kv, head_dim_v]
  std::vector<std::uint8_t> keep;  // [batch, 1, seq_q, seq_kv], 1 = kept; empty without `bool`
  std::vector<std::int32_t> kv_lengths;  // [batch]; empty without `padding`
  HostTensor bias;                       // [batch, heads_q, seq_q, seq_kv]; empty without `bias`
  std::vector<float> sink;               // [heads_q]; empty without `sink`
};

struct Outputs {
  HostTensor o;            // [batch, heads_q, seq_q, head_dim_v]
  std::vector<float> lse;  // [batch, heads_q, seq_q], nats
};

/// Draws q, k, v, the boolean mask, the bias, the sink and the lengths. Gaps between rows hold NaN.
[[nodiscard]] Inputs draw_inputs(const Problem& problem);

/// Overwrites what the contract lets be anything: keys that no row of their batch and kv-head keeps
/// because of padding get NaN and Inf; keys hidden only by causal, window or bool get the dtype's
/// largest finite values (of random sign). With fill=-inf only; otherwise a no-op.
void poison_hidden_keys(const Problem& problem, Inputs& inputs);

/// "normal", "ramp-up", ... and back.
[[nodiscard]] std::string_view name(DataKind kind);
inline constexpr int kDataKinds = 12;

}  // namespace attest
