// Rearranged inputs and outputs: one batch alone, keys in another order, strangers in a batch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <cstdint>

namespace attest {

/// The problem that consists of this batch alone.
[[nodiscard]] Problem only_batch(const Problem& problem, std::int64_t batch);
[[nodiscard]] Inputs only_batch(const Problem& problem, const Inputs& inputs, std::int64_t batch);

/// The inputs of `other`, save q, k, v and boolean mask of this batch, which are those of `inputs`;
/// both have the same shapes.
[[nodiscard]] Inputs drawn_around(const Problem& other, const Inputs& inputs, std::int64_t batch);

/// `inputs` with the q, k, v and boolean mask of every other batch drawn from another seed.
[[nodiscard]] Inputs redraw_others(const Problem& problem,
                                   const Inputs& inputs,
                                   std::int64_t batch);

/// Overwrites one batch of `to` with one batch of `from`; both have the same shape otherwise.
void copy_batch(Outputs& to, std::int64_t to_batch, const Outputs& from, std::int64_t from_batch);

/// Keys of every batch in another order, the same in all its heads: rows of k and v, and columns of
/// the boolean mask. Keys past the padding length stay where they are.
[[nodiscard]] Inputs permute_keys(const Problem& problem, const Inputs& inputs, std::uint64_t seed);

/// Causal and window masks refer to positions: with keys elsewhere they are another problem.
[[nodiscard]] bool is_free_of_positions(const Problem& problem);
/// The problem without those masks, for Property::focus.
[[nodiscard]] Problem without_positions(const Problem& problem, std::uint64_t bits);

}  // namespace attest
