// Shares of a plan, counted case by case.
// SPDX-License-Identifier: Apache-2.0
#include "properties/case_mix.h"

#include "properties/kept_keys.h"

#include <algorithm>

namespace attest {
namespace {

bool has_empty_tile(const Problem& p,
                    std::int64_t batch,
                    std::int64_t tile_q,
                    std::int64_t tile_kv) {
  for (std::int64_t top = 0; top < p.seq_q; top += tile_q) {
    const std::int64_t bottom = std::min(top + tile_q, p.seq_q);
    for (std::int64_t left = 0; left < p.seq_kv; left += tile_kv) {
      const std::int64_t right = std::min(left + tile_kv, p.seq_kv);
      bool is_empty = true;
      for (std::int64_t i = top; i < bottom && is_empty; ++i) {
        const KeptRange kept = kept_keys(p, batch, i);
        is_empty = std::max(kept.first, left) >= std::min(kept.end, right);
      }
      if (is_empty) return true;
    }
  }
  return false;
}

}  // namespace

bool has_empty_row_or_tile(const Problem& p, std::int64_t tile_q, std::int64_t tile_kv) {
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t i = 0; i < p.seq_q; ++i) {
      if (kept_keys(p, b, i).is_empty()) return true;
    }
    if (has_empty_tile(p, b, tile_q, tile_kv)) return true;
  }
  return false;
}

CaseMix case_mix(const std::vector<PlannedCase>& cases) {
  CaseMix mix;
  std::vector<std::int64_t> pairs;
  for (const PlannedCase& planned : cases) {
    if (planned.kernel == nullptr) continue;
    const Problem& p = planned.which.attention();
    const KernelSpec& kernel = *planned.kernel;
    if (kernel.refusal(p)) continue;
    pairs.push_back(p.seq_q * p.seq_kv);
    mix.several_kv_tiles += p.seq_kv > kernel.tile_kv;
    mix.several_q_tiles += p.seq_q > kernel.tile_q;
    mix.not_square += p.seq_q != p.seq_kv;
    mix.empty_row_or_tile += has_empty_row_or_tile(p, kernel.tile_q, kernel.tile_kv);
  }
  mix.cases = static_cast<std::int64_t>(pairs.size());
  if (pairs.empty()) return mix;
  const auto middle = pairs.begin() + static_cast<std::ptrdiff_t>(pairs.size() / 2);
  std::nth_element(pairs.begin(), middle, pairs.end());
  mix.median_pairs = *middle;
  const auto all = static_cast<double>(pairs.size());
  for (double* share :
       {&mix.several_kv_tiles, &mix.several_q_tiles, &mix.not_square, &mix.empty_row_or_tile}) {
    *share /= all;
  }
  return mix;
}

}  // namespace attest
