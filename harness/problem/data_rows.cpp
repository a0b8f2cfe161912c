// Consistent choice, and rows of doubles rounded into a tensor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data_rows.h"

#include "harness/base/check.h"

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

void store_row(HostTensor& tensor, const Row& at, std::span<const double> values) {
  const Dtype dtype = tensor.layout.dtype;
  std::byte* const data =
      tensor.bytes.data() + tensor.layout.offset(at.batch, at.head, at.row, 0) * size_bytes(dtype);
  for (std::size_t i = 0; i < values.size(); ++i) {
    store_bits(dtype, data, static_cast<std::int64_t>(i), encode(dtype, values[i]));
  }
}

}  // namespace attest
