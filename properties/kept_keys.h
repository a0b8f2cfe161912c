// The keys of a row that causal, window and padding keep: always one range.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"

#include <cstdint>

namespace attest {

/// Keys first <= j < end. Boolean masks are left out of account.
struct KeptRange {
  std::int64_t first = 0;
  std::int64_t end = 0;
  [[nodiscard]] bool is_empty() const { return first >= end; }
};
[[nodiscard]] KeptRange kept_keys(const Problem& problem, std::int64_t batch, std::int64_t row);

}  // namespace attest
