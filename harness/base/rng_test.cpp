// The generator against published outputs, and the independence of its streams.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <set>

namespace attest {
namespace {

TEST(Rng, StreamZeroIsSplitMix64) {
  // Outputs of Vigna's splitmix64.c (public domain) for the states 0 and 1234567.
  constexpr std::array<std::uint64_t, 3> kFromZero = {
      0xe220a8397b1dcdafu, 0x6e789e6aa1b965f4u, 0x06c45d188009454fu};
  constexpr std::array<std::uint64_t, 5> kFrom1234567 = {6457827717110365317u,
                                                         3203168211198807973u,
                                                         9817491932198370423u,
                                                         4593380528125082431u,
                                                         16408922859458223821u};
  for (std::size_t i = 0; i < kFromZero.size(); ++i) {
    EXPECT_EQ(random_bits(0, 0, i), kFromZero[i]);
  }
  for (std::size_t i = 0; i < kFrom1234567.size(); ++i) {
    EXPECT_EQ(random_bits(1234567, 0, i), kFrom1234567[i]);
  }
}

TEST(Rng, NeighbouringSeedsStreamsAndIndicesDiffer) {
  std::set<std::uint64_t> words;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    for (std::uint64_t stream = 0; stream < 16; ++stream) {
      for (std::uint64_t index = 0; index < 64; ++index) {
        words.insert(random_bits(seed, stream, index));
      }
    }
  }
  EXPECT_EQ(words.size(), 16u * 16 * 64);
}

TEST(Rng, EveryBitIsSetHalfTheTimeInEveryDirection) {
  // 2^14 words: a count is within 6 standard deviations (6 * 64) of half; deterministic.
  constexpr int kWords = 1 << 14;
  for (int axis = 0; axis < 3; ++axis) {
    std::array<int, 64> ones{};
    for (std::uint64_t i = 0; i < kWords; ++i) {
      const std::uint64_t word =
          random_bits(axis == 0 ? i : 5, axis == 1 ? i : 7, axis == 2 ? i : 11);
      for (unsigned bit = 0; bit < 64; ++bit)
        ones[bit] += static_cast<int>((word >> bit) & 1);
    }
    for (const int count : ones)
      EXPECT_LT(std::abs(count - kWords / 2), 6 * 64) << "axis " << axis;
  }
}

TEST(Rng, DerivedSeedsAreNotTheParentsWords) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t part = 0; part < 256; ++part) {
    seen.insert(derive_seed(42, part));
    seen.insert(derive_seed(43, part));
    seen.insert(random_bits(42, 0, part));
  }
  EXPECT_EQ(seen.size(), 3u * 256);
}

}  // namespace
}  // namespace attest
