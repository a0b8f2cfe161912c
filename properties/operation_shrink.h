// Every operation that is one step simpler.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation.h"

#include <cstdint>
#include <vector>

namespace attest {

/// 0, 1, half, then ever closer to `size`, up to size - 1; ascending and without repeats.
[[nodiscard]] std::vector<std::int64_t> smaller_sizes(std::int64_t size);

/// Valid ones, simplest first: each size to 1, half and minus one; one option or gap removed; data
/// one place simpler. Each lowers one thing along its order, so that shrinking ends. The seed stays.
[[nodiscard]] std::vector<Operation> simpler_operations(const Operation& from);

}  // namespace attest
