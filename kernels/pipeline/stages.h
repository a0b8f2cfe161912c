// The launches that several pipelines share, each added to a plan; they return what it wrote.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/pipeline/builder.h"

#include <cstdint>

namespace attest::stages {

/// q, k and v [batch, seq, heads, head_dim], each with `gap` elements between its rows.
struct Qkv {
  View q, k, v;
  std::int64_t gap = 0;
};

/// x W_qkv^T, packed; + b_qkv, packed; + b_qkv as three tensors; the first and the last in one.
Result<Qkv> packed_qkv(PlanBuilder& plan);
Result<Qkv> add_bias(PlanBuilder& plan, const Qkv& packed);
Result<Qkv> add_bias_and_split(PlanBuilder& plan, const Qkv& packed);
Result<Qkv> fused_qkv(PlanBuilder& plan);

/// q k^T [batch, heads, seq, seq]; `is_masked`: divided by sqrt(head_dim), and masked.
Result<View> scores(PlanBuilder& plan, const Qkv& qkv, bool is_masked);
/// Scores divided by sqrt(head_dim).
Result<View> scaled(PlanBuilder& plan, View scores);
/// Scores where the mask is not 0, else the fill: two launches.
Result<View> masked(PlanBuilder& plan, View scores);
/// softmax; `is_masked`: of scores divided by sqrt(head_dim), and masked.
Result<View> softmax(PlanBuilder& plan, View scores, bool is_masked);

/// P v [batch, seq, heads, head_dim].
Result<View> weighted_values(PlanBuilder& plan, View weights, const Qkv& qkv);
/// o W_out^T + b_out, in one launch or in two.
Status output(PlanBuilder& plan, View o, bool is_fused);

}  // namespace attest::stages
