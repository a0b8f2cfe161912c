// Rows of random numbers, each a pure function of (seed, stream, batch, head, row, column).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/rng.h"
#include "harness/problem/tensor.h"

#include <cstdint>
#include <span>

namespace attest {

/// What a random word is for; no two uses share a stream.
enum class Stream : std::uint64_t {
  q = 1,
  k,
  v,
  keep,
  pattern,
  choice,
  poison_k,
  poison_v,
  a,  // of an operation, its bias and mask
  b,
  bias,
  mask,
  x,  // of a layer
  w_qkv,
  b_qkv,
  w_out,
  b_out,
  score_bias,  // of attention
  sink,
};

/// One row of a tensor [batch, heads, seq, dim].
struct Row {
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t row = 0;
};

/// The words of one row. No size enters, so that an element keeps its word when any dimension
/// around it shrinks.
class RowBits {
 public:
  RowBits(std::uint64_t seed, Stream stream, const Row& at)
      : key_(random_bits(random_bits(random_bits(seed,
                                                 static_cast<std::uint64_t>(stream),
                                                 static_cast<std::uint64_t>(at.batch)),
                                     1,
                                     static_cast<std::uint64_t>(at.head)),
                         1,
                         static_cast<std::uint64_t>(at.row))) {}
  [[nodiscard]] std::uint64_t word(std::uint64_t column) const {
    return random_bits(key_, 0, column);
  }
  /// Belongs to the row as a whole, not to a column.
  [[nodiscard]] std::uint64_t row_word() const { return random_bits(key_, 1, 0); }

 private:
  std::uint64_t key_;
};

/// Uniform on [0, 1), a multiple of 2^-24.
[[nodiscard]] inline double uniform(std::uint64_t word) {
  return static_cast<double>(word >> 40) * 0x1p-24;
}

/// Close to N(0,1): the sum of six bytes, and 16 bits between two such sums; |x| < 4.24.
/// Mean exactly 0 (over all words), variance 1 to one part in 10^15.
[[nodiscard]] inline double normal(std::uint64_t word) {
  constexpr std::uint64_t kEvenBytes = 0x0000'00ff'00ff'00ffu;
  const std::uint64_t pairs =
      (word & kEvenBytes) + ((word >> 8) & kEvenBytes);                        // three 16-bit lanes
  const std::uint64_t sum = (pairs + (pairs >> 16) + (pairs >> 32)) & 0xffff;  // 0 .. 1530
  const std::uint64_t fraction = word >> 48;
  // In half units of 2^-16: 2 * (sum + fraction) is symmetric about 1530 * 2^16 + 65535.
  const auto centred = static_cast<std::int64_t>((sum << 17) + (fraction << 1)) -
                       static_cast<std::int64_t>((1530u << 16) + 65535u);
  // 6 * (256^2 - 1) / 12 + (1 - 2^-32) / 12 = 32767.5833.. is the variance of sum + fraction.
  constexpr double kUnit = 0x1p-17 / 181.01818509015417;
  return static_cast<double>(centred) * kUnit;
}

/// A key out of `count` > 0; the same key for every count that still has it.
/// Source  Lamping, Veach: A Fast, Minimal Memory, Consistent Hash Algorithm, 2014; its quotient
///         taken in integers.
[[nodiscard]] std::int64_t consistent_choice(std::uint64_t word, std::int64_t count);

/// One random bit per column, 64 of them to a word.
[[nodiscard]] inline bool coin(const RowBits& bits, std::int64_t column) {
  return (bits.word(static_cast<std::uint64_t>(column / 64)) >> (column % 64) & 1) != 0;
}

/// -2, -1, 1, 2 with probability 1/20 each, else 0.
[[nodiscard]] double small_integer(std::uint64_t word);
/// Element `column` of a bias. Column 0 differs from every other, so that a bias of at least two
/// columns is neither constant nor the same from behind. Integers from -3 to 3, or within 1.07 of 0.
[[nodiscard]] double bias_value(const RowBits& bits, std::int64_t column, bool is_integer);

/// Rounds each value once into the tensor's dtype.
void store_row(HostTensor& tensor, const Row& at, std::span<const double> values);

}  // namespace attest
