// Words of rows, the normal recipe and the consistent choice.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data_rows.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace attest {
namespace {

TEST(RowBits, NoTwoRowsOrStreamsShareAWord) {
  std::set<std::uint64_t> seen;
  std::size_t drawn = 0;
  for (const Stream stream : {Stream::q, Stream::k, Stream::v, Stream::poison_v}) {
    for (std::int64_t b = 0; b < 4; ++b) {
      for (std::int64_t h = 0; h < 4; ++h) {
        for (std::int64_t s = 0; s < 16; ++s) {
          const RowBits bits(3, stream, {b, h, s});
          for (std::uint64_t d = 0; d < 8; ++d, ++drawn)
            seen.insert(bits.word(d));
          seen.insert(bits.row_word());
          ++drawn;
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), drawn);
}

TEST(Normal, IsSymmetricAndBounded) {
  EXPECT_EQ(normal(0), -normal(~std::uint64_t{0}));
  EXPECT_LT(normal(~std::uint64_t{0}), 4.24);
  EXPECT_GT(normal(~std::uint64_t{0}), 4.22);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t word = random_bits(1, 0, i);
    EXPECT_EQ(normal(word), -normal(~word));
  }
}

TEST(Normal, HasTheMomentsOfItsDistribution) {
  // Over n words, within 6 standard errors: mean 0, variance 1, fourth moment 3 - 1.2 / 6 = 2.8
  // (six equal uniform terms); the variance of x^2 is 1.8 and that of x^4 below 105.
  constexpr int kWords = 1 << 20;
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  for (std::uint64_t i = 0; i < kWords; ++i) {
    const double x = normal(random_bits(2, 0, i));
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  const double n = kWords;
  EXPECT_LT(std::abs(sum / n), 6 / std::sqrt(n));
  EXPECT_LT(std::abs(squares / n - 1), 6 * std::sqrt(1.8 / n));
  EXPECT_LT(std::abs(fourths / n - 2.8), 6 * std::sqrt(105 / n));
}

TEST(Normal, UsesTheWholeMantissaOfAFloat) {
  int odd = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    odd += static_cast<int>(encode(Dtype::f32, normal(random_bits(3, 0, i))) & 1);
  }
  EXPECT_GT(odd, 400);
  EXPECT_LT(odd, 600);
}

TEST(ConsistentChoice, ChangesOnlyToTheKeyThatWasAdded) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    const std::uint64_t word = random_bits(4, 0, i);
    std::int64_t before = consistent_choice(word, 1);
    EXPECT_EQ(before, 0);
    for (std::int64_t count = 2; count <= 300; ++count) {
      const std::int64_t now = consistent_choice(word, count);
      ASSERT_TRUE(now == before || now == count - 1) << count;
      before = now;
    }
  }
}

TEST(ConsistentChoice, IsUniform) {
  // 16 keys, 2^14 words: each count is within 6 standard deviations (31) of 1024.
  std::array<int, 16> counts{};
  for (std::uint64_t i = 0; i < 1 << 14; ++i) {
    ++counts[static_cast<std::size_t>(consistent_choice(random_bits(5, 0, i), 16))];
  }
  for (const int count : counts)
    EXPECT_LT(std::abs(count - 1024), 6 * 31);
  EXPECT_LT(consistent_choice(1, std::int64_t{1} << 28), std::int64_t{1} << 28);
}

}  // namespace
}  // namespace attest
