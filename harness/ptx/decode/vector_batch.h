// equal_by_mma: a VectorSet through mma.sync, with the arithmetic of any GPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/vector_set.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace attest::ptx {

/// Number of results of this shape that are equal to the measured ones; empty: sm_`sm` has no such
/// instruction. `shape` holds vectors of this length. Throws std::runtime_error when it does not run.
std::optional<std::size_t> equal_by_mma(const VectorSet& set, std::string_view shape, int sm);

}  // namespace attest::ptx
