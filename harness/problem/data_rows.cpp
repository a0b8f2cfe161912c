// Consistent choice, and rows of doubles rounded into a tensor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data_rows.h"

#include "harness/base/check.h"

#include <array>

namespace attest {

std::int64_t consistent_choice(std::uint64_t word, std::int64_t count) {
  ATTEST_CHECK(count > 0 && count <= std::int64_t{1} << 28);
  const auto end = static_cast<std::uint64_t>(count);
  std::uint64_t chosen = 0;
  for (std::uint64_t next = 0; next < end;) {
    chosen = next;
    word = word * 2862933555777941757u + 1;
    next = ((chosen + 1) << 31) / ((word >> 33) + 1);
  }
  return static_cast<std::int64_t>(chosen);
}

double small_integer(std::uint64_t word) {
  constexpr std::array<double, 4> kValues = {-2, -1, 1, 2};
  const std::uint64_t roll = (word >> 32) * 20 >> 32;
  return roll < kValues.size() ? kValues[roll] : 0.0;
}

double bias_value(const RowBits& bits, std::int64_t column, bool is_integer) {
  const std::uint64_t word = bits.word(static_cast<std::uint64_t>(column));
  if (is_integer) return column == 0 ? 3 : static_cast<double>((word >> 32) * 6 >> 32) - 3;
  // From -1 to 1 along the columns, by at least 2/33 for the first step, and noise below 1/16 of
  // that of the later ones: also rounded to bf16 column 0 stays the least.
  const auto j = static_cast<double>(column);
  const double rise = 2 * j / (j + 32) - 1;
  return column == 0 ? rise : rise + 0x1p-4 * uniform(word);
}

void store_row(HostTensor& tensor, const Row& at, std::span<const double> values) {
  const Dtype dtype = tensor.layout.dtype;
  std::byte* const data =
      tensor.bytes.data() + tensor.layout.offset(at.batch, at.head, at.row, 0) * size_bytes(dtype);
  for (std::size_t i = 0; i < values.size(); ++i) {
    store_bits(dtype, data, static_cast<std::int64_t>(i), encode(dtype, values[i]));
  }
}

}  // namespace attest
