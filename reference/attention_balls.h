// Softmax attention on balls: the terms of the bound from above, and how far O can move.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "harness/problem/terms.h"
#include "reference/balls.h"

#include <cstdint>
#include <vector>

namespace attest {

struct AttentionBalls {
  /// o and lse are of the centres; the sums hold for every q, k, v within the radii. With radii of 0
  /// they are those of reference_attention(), but |v_j - o| is taken as |v_j| + |o|, so that each is
  /// a matrix product: a looser bound, found many times sooner for large heads.
  ReferenceTerms terms;
  std::vector<double> radius;  // of o, packed; empty where all inputs are exact
};

/// Shapes  q, k, v as tensor_layout() says; keep [batch, 1, seq_q, seq_kv] for a bool mask.
/// Finite inputs only, hidden keys included. The same bits on every x86-64-v3 machine: no libm.
[[nodiscard]] AttentionBalls attention_balls(const Problem& problem,
                                             const Balls& q,
                                             const Balls& k,
                                             const Balls& v,
                                             const std::vector<std::uint8_t>& keep);

}  // namespace attest
