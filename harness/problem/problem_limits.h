// What a Problem's values may be, and the first one that is not allowed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"

#include <optional>
#include <string>
#include <string_view>

namespace attest {

inline constexpr std::int64_t kMaxGapElements = 4096;
inline constexpr std::int64_t kMaxSkewBytes = 255;
inline constexpr double kMaxAmplitude = 1e4;

struct Violation {
  std::string_view key;  // the key of the case text that holds the value
  std::string message;   // what was found and what is allowed
};

/// The first value that is not allowed, in the order of the keys.
[[nodiscard]] std::optional<Violation> find_violation(const Problem& problem);

}  // namespace attest
