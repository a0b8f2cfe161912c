// Intersection of three ranges.
// SPDX-License-Identifier: Apache-2.0
#include "properties/kept_keys.h"

#include <algorithm>

namespace attest {

KeptRange kept_keys(const Problem& p, std::int64_t batch, std::int64_t row) {
  const std::int64_t length = kv_length(p, batch);
  KeptRange kept{0, length};
  const auto diagonal = [&](Alignment alignment) {
    return alignment == Alignment::top_left ? row : row + length - p.seq_q;
  };
  if (p.mask.causal) kept.end = std::min(kept.end, diagonal(*p.mask.causal) + 1);
  if (p.mask.window) {
    const Window& window = *p.mask.window;
    const std::int64_t middle = diagonal(window.alignment);
    if (window.left >= 0) kept.first = std::max(kept.first, middle - window.left);
    if (window.right >= 0) kept.end = std::min(kept.end, middle + window.right + 1);
  }
  return kept;
}

}  // namespace attest
