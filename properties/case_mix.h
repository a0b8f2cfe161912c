// Case mix: how far a list of problems goes beyond one tile and one mask-free square.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "properties/search.h"

#include <cstdint>
#include <vector>

namespace attest {

/// Shares are of the cases of attention that their kernel takes; tiles are the kernel's own.
struct CaseMix {
  std::int64_t cases = 0;
  std::int64_t median_pairs = 0;  // of seq_q * seq_kv
  double several_kv_tiles = 0;
  double several_q_tiles = 0;
  double not_square = 0;         // seq_q != seq_kv
  double empty_row_or_tile = 0;  // some row, or some tile, in which no key is kept
};
[[nodiscard]] CaseMix case_mix(const std::vector<PlannedCase>& cases);

/// Whether some row keeps no key, or some tile of scores keeps none. Boolean masks are left out of
/// account: whole tiles of theirs are never empty, and short rows seldom.
[[nodiscard]] bool has_empty_row_or_tile(const Problem& problem,
                                         std::int64_t tile_q,
                                         std::int64_t tile_kv);

}  // namespace attest
