// Balls: numbers that are known up to a radius each, so that errors can be followed along a chain.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation_data.h"
#include "harness/problem/tensor.h"

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace attest {

/// A tensor whose elements lie within `radius` of `value`, both where layout.offset() says.
struct Balls {
  TensorLayout layout;
  std::vector<double> value;   // [layout.span_elements()]
  std::vector<double> radius;  // the same, or empty: all 0
};

/// What a tensor holds, exactly.
[[nodiscard]] Balls exact_balls(const HostTensor& tensor);

/// The inputs of one operation, each as buffer_layout() says.
struct OperandBalls {
  Balls a;
  Balls b;
  Balls bias;
  std::vector<std::uint8_t> mask;  // [batch, 1, m, n]
};
[[nodiscard]] OperandBalls exact_balls(const Operands& operands);

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The matrix of one batch and head, rows by columns as it lies.
[[nodiscard]] Matrix values(const Balls& balls, std::int64_t batch, std::int64_t head);
/// Its radii; a matrix without elements when all are 0.
[[nodiscard]] Matrix radii(const Balls& balls, std::int64_t batch, std::int64_t head);

/// |x|, where a subnormal of the dtype counts as its smallest normal; 0 stays 0.
[[nodiscard]] Matrix aligned_magnitudes(const Matrix& matrix, Dtype dtype);

/// a * b; the same bits on every x86-64-v3 machine, since the blocks do not follow its caches.
[[nodiscard]] Matrix product(const Matrix& a, const Matrix& b);

/// e^x - 1 from above but for its own rounding, within 1 % for x <= 1; Inf for NaN and where it would overflow. x >= 0.
[[nodiscard]] double growth(double x);

}  // namespace attest
