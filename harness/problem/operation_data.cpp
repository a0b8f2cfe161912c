// draw_operands: one value per element, from its logical place.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/operation_data.h"

#include "harness/base/check.h"
#include "harness/problem/data_rows.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

constexpr double kNeedle = 30;

/// Element (row, column) is value(bits of the row, column), or lies at (column, row).
template <class Value>
HostTensor drawn(const TensorLayout& layout,
                 std::uint64_t seed,
                 Stream stream,
                 bool is_transposed,
                 Value value) {
  HostTensor out = poisoned_tensor(layout);
  const auto [batch, heads, first, second] = layout.shape;
  const std::int64_t rows = is_transposed ? second : first;
  const std::int64_t columns = is_transposed ? first : second;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const RowBits bits(seed, stream, {b, h, i});
        for (std::int64_t j = 0; j < columns; ++j) {
          const std::uint32_t element = encode(layout.dtype, value(bits, j));
          out.set_bits(b, h, is_transposed ? j : i, is_transposed ? i : j, element);
        }
      }
    }
  }
  return out;
}

std::uint64_t word(const RowBits& bits, std::int64_t column) {
  return bits.word(static_cast<std::uint64_t>(column));
}

// The rows of A, and of S and X where the operation draws no other kind.
double element_of_a(const Data& data, std::int64_t columns, const RowBits& bits, std::int64_t j) {
  switch (data.kind) {
    case DataKind::integers:
      return small_integer(word(bits, j));
    case DataKind::all_negative:
      return -0.5 - uniform(word(bits, j));
    case DataKind::one_hot:
      return consistent_choice(bits.row_word(), columns) == j ? 1 : 0;
    default:
      return data.amplitude * normal(word(bits, j));
  }
}

// The columns of B. With one-hot rows A B is rows of B, and its bits are those of B.
double element_of_b(const Data& data, std::int64_t k, const RowBits& bits, std::int64_t i) {
  const double size = 1 / std::sqrt(static_cast<double>(k));
  switch (data.kind) {
    case DataKind::integers:
      return small_integer(word(bits, i));
    case DataKind::all_negative:
      return size * (0.5 + uniform(word(bits, i)));
    case DataKind::one_hot:
      return normal(word(bits, i));
    default:
      return size * normal(word(bits, i));
  }
}

/// Ramps as those of attention: 1/32 a column, finite in f16, with noise of deviation 1/4.
double element_of_s(const Data& data, std::int64_t columns, const RowBits& bits, std::int64_t j) {
  const double rise = std::min(static_cast<double>(j) / 32, 0x1p15);
  const double noise = 0.25 * normal(word(bits, j));
  switch (data.kind) {
    case DataKind::ramp_up:
      return rise + noise;
    case DataKind::ramp_down:
      return noise - rise;
    case DataKind::all_negative:
      return -128 * (1 + 0.25 * uniform(word(bits, j)));
    case DataKind::needle:
      return consistent_choice(bits.row_word(), columns) == j ? kNeedle : 2 * noise;
    default:
      return element_of_a(data, columns, bits, j);
  }
}

std::vector<std::uint8_t> draw_mask(const Operation& operation) {
  const auto [batch, heads, m, n] = result_shape(operation);
  std::vector<std::uint8_t> mask;
  mask.reserve(static_cast<std::size_t>(batch * m * n));
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t i = 0; i < m; ++i) {
      const RowBits bits(seed(operation), Stream::mask, {b, 0, i});
      for (std::int64_t j = 0; j < n; ++j)
        mask.push_back(coin(bits, j) ? 1 : 0);
    }
  }
  return mask;
}

HostTensor draw_a(const Operation& operation) {
  const TensorLayout layout = buffer_layout(operation, OperationBuffer::a);
  const auto draw = [&](bool is_transposed, auto element) {
    const Data data = std::visit([](const auto& op) { return op.data; }, operation);
    const std::int64_t columns = layout.shape[is_transposed ? 2 : 3];
    return drawn(
        layout,
        seed(operation),
        Stream::a,
        is_transposed,
        [=](const RowBits& bits, std::int64_t j) { return element(data, columns, bits, j); });
  };
  if (std::holds_alternative<MaskSoftmax>(operation)) return draw(false, element_of_s);
  const auto* const gemm = std::get_if<Gemm>(&operation);
  return draw(gemm != nullptr && gemm->transpose_a, element_of_a);
}

}  // namespace

Operands draw_operands(const Operation& operation) {
  ATTEST_CHECK(validate(operation).has_value());
  Operands out;
  if (has_buffer(operation, OperationBuffer::a)) out.a = draw_a(operation);
  if (has_buffer(operation, OperationBuffer::b)) {
    const Gemm& g = std::get<Gemm>(operation);
    out.b = drawn(
        buffer_layout(operation, OperationBuffer::b),
        g.seed,
        Stream::b,
        !g.transpose_b,
        [&g](const RowBits& bits, std::int64_t i) { return element_of_b(g.data, g.k, bits, i); });
  }
  if (has_buffer(operation, OperationBuffer::bias)) {
    const Data data = std::visit([](const auto& op) { return op.data; }, operation);
    out.bias = drawn(buffer_layout(operation, OperationBuffer::bias),
                     seed(operation),
                     Stream::bias,
                     false,
                     [&data](const RowBits& bits, std::int64_t j) {
                       return bias_value(bits, j, data.kind == DataKind::integers);
                     });
  }
  if (has_buffer(operation, OperationBuffer::mask)) out.mask = draw_mask(operation);
  return out;
}

}  // namespace attest
