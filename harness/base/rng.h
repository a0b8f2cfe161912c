// The one generator: 64 random bits as a pure function of (seed, stream, index).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest {

/// 64 uniform bits. Counter based, integer arithmetic only: the same on every machine, and an
/// element keeps its bits when the tensor around it shrinks.
[[nodiscard]] std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

/// A seed for a named part of a run, from its parent's seed.
[[nodiscard]] std::uint64_t derive_seed(std::uint64_t parent, std::uint64_t part);

}  // namespace attest
