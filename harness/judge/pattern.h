// Where wrong elements lie, in words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// The smallest box of batches, heads, rows and columns that holds `places`, and how full it is:
/// "rows 64..127 of every head", "column 3", "head 1, row 192 only", "17 of 128 elements in rows
/// 0..63". An axis along which all are wrong is not named. Places are distinct [batch, head, row,
/// column].
[[nodiscard]] std::string describe_pattern(const std::vector<std::array<std::int64_t, 4>>& places,
                                           const std::array<std::int64_t, 4>& shape);

}  // namespace attest
