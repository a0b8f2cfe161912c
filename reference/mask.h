// Which keys a row keeps, as the contract says it; shared with no kernel and no generator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <cstdint>

namespace attest {

/// True iff every part of the mask keeps key `j` for row `i` of `batch`:
///   causal   j <= i + off          window   i + off - left <= j <= i + off + right, -1 unbounded
///   padding  j < length(batch)     bool     keep[batch, i, j] != 0
/// off = 0 for top_left; for bottom_right the batch's padding length (else seq_kv) minus seq_q.
[[nodiscard]] bool is_kept(const Problem& problem,
                           const Inputs& inputs,
                           std::int64_t batch,
                           std::int64_t i,
                           std::int64_t j);

}  // namespace attest
