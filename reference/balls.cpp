// Matrices of balls, and their product with pinned blocks.
// SPDX-License-Identifier: Apache-2.0
#include "reference/balls.h"

#include "harness/base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace attest {
namespace {

using Index = Eigen::Index;

Matrix matrix_of(const TensorLayout& layout,
                 const std::vector<double>& elements,
                 std::int64_t batch,
                 std::int64_t head) {
  ATTEST_CHECK(std::cmp_equal(elements.size(), layout.span_elements()));
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  const double* const first = elements.data() + layout.offset(batch, head, 0, 0);
  return Eigen::Map<const Matrix, 0, Strides>(
      first, layout.shape[2], layout.shape[3], Strides(layout.strides[2], layout.strides[3]));
}

}  // namespace

Balls exact_balls(const HostTensor& tensor) {
  Balls balls{tensor.layout, {}, {}};
  const std::int64_t elements = tensor.bytes.empty() ? 0 : tensor.layout.span_elements();
  balls.value.reserve(static_cast<std::size_t>(elements));
  for (std::int64_t at = 0; at < elements; ++at) {
    const std::uint32_t bits = load_bits(tensor.layout.dtype, tensor.bytes.data(), at);
    balls.value.push_back(decode(tensor.layout.dtype, bits));
  }
  return balls;
}

OperandBalls exact_balls(const Operands& operands) {
  return {
      exact_balls(operands.a), exact_balls(operands.b), exact_balls(operands.bias), operands.mask};
}

Matrix values(const Balls& balls, std::int64_t batch, std::int64_t head) {
  return matrix_of(balls.layout, balls.value, batch, head);
}

Matrix radii(const Balls& balls, std::int64_t batch, std::int64_t head) {
  if (balls.radius.empty()) return {};
  return matrix_of(balls.layout, balls.radius, batch, head);
}

Matrix aligned_magnitudes(const Matrix& matrix, Dtype dtype) {
  const double smallest_normal = smallest_subnormal(dtype) / (2 * unit_roundoff(dtype));
  return matrix.unaryExpr([smallest_normal](double x) {
    return x == 0 ? 0.0 : std::max(std::fabs(x), smallest_normal);
  });
}

// Eigen sums the products of one block of the inner dimension, then adds the blocks; block sizes
// come from the cache sizes, which it would ask the processor for.
Matrix product(const Matrix& a, const Matrix& b) {
  static const bool is_pinned = [] {
    Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
    return true;
  }();
  ATTEST_CHECK(is_pinned && a.cols() == b.rows());
  Matrix out(a.rows(), b.cols());
  out.noalias() = a * b;
  return out;
}

double growth(double x) {
  if (!(x < 709)) return std::numeric_limits<double>::infinity();
  // e^x - 1 <= x / (1 - x/2) for 0 <= x < 2, term by term of the series.
  if (x <= 0x1p-4) return x / (1 - x / 2);
  const double half = growth(x / 2);
  return half * (half + 2);
}

}  // namespace attest
