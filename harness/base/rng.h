// The one generator: 64 random bits as a pure function of (seed, stream, index).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest {

/// The finaliser of SplitMix64; a bijection, mix64(0) == 0.
/// Source  Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, with
///         the constants of Stafford's variant 13, as in java.util.SplittableRandom.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// 64 uniform bits. Counter based, integer arithmetic only: the same on every machine, and an
/// element keeps its bits when the tensor around it shrinks. Stream 0 is SplitMix64 itself: element
/// `index` of the sequence that starts at `seed`.
[[nodiscard]] constexpr std::uint64_t random_bits(std::uint64_t seed,
                                                  std::uint64_t stream,
                                                  std::uint64_t index) {
  constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15u;
  return mix64((seed ^ mix64(stream)) + (index + 1) * kGamma);
}

/// A seed for a named part of a run, from its parent's seed.
[[nodiscard]] constexpr std::uint64_t derive_seed(std::uint64_t parent, std::uint64_t part) {
  constexpr std::uint64_t kSeedStream = 0x73656564;  // "seed": no tensor's stream
  return random_bits(parent, kSeedStream, part);
}

}  // namespace attest
