// How far a kernel's O is off in units of its dtype, beside the same mathematics unfused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace attest {

/// Class 0: at most half a unit in the last place; class n: at most 2^(n-1) of them; the last one:
/// more, or no number. The unit is that of the larger of |reference| and a sixteenth of the largest
/// |reference| in the row.
inline constexpr std::size_t kUlpClasses = 13;
using UlpCounts = std::array<std::int64_t, kUlpClasses>;

/// Elements of O by their error.
struct UlpRecord {
  UlpCounts kernel{};
  UlpCounts unfused{};
};

}  // namespace attest
