// The mask predicate of the reference.
// SPDX-License-Identifier: Apache-2.0
#include "reference/mask.h"

#include <cstddef>

namespace attest {

bool is_kept(const Problem& problem,
             const Inputs& inputs,
             std::int64_t batch,
             std::int64_t i,
             std::int64_t j) {
  const Mask& mask = problem.mask;
  const std::int64_t length =
      mask.kv_lengths ? (*mask.kv_lengths)[static_cast<std::size_t>(batch)] : problem.seq_kv;
  const auto diagonal = [&](Alignment alignment) {
    return alignment == Alignment::top_left ? i : i + length - problem.seq_q;
  };
  if (mask.kv_lengths && j >= length) {
    return false;
  }
  if (mask.causal && j > diagonal(*mask.causal)) {
    return false;
  }
  if (mask.window) {
    const std::int64_t centre = diagonal(mask.window->alignment);
    if (mask.window->left != -1 && j < centre - mask.window->left) {
      return false;
    }
    if (mask.window->right != -1 && j > centre + mask.window->right) {
      return false;
    }
  }
  if (mask.boolean) {
    const std::int64_t at = (batch * problem.seq_q + i) * problem.seq_kv + j;
    return inputs.keep[static_cast<std::size_t>(at)] != 0;
  }
  return true;
}

}  // namespace attest
