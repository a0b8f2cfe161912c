// What the reference knows of an operation: its result in double, and what a bound is made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace attest {

/// Inputs may be known up to a radius each; then every term is the largest within the radii.
/// Element arrays are packed row-major [batch, heads, m, n] ([batch, 1, m, n] for equals_zero), row
/// arrays [batch, heads, m]. Arrays that an operation does not need are empty.
struct OperationTerms {
  std::array<std::int64_t, 4> shape{};
  std::vector<double> value;              // the formula at the centres
  std::vector<double> radius;             // how far it can move with the inputs; empty: not at all
  std::vector<std::uint8_t> is_stored{};  // 1: an operand or the fill itself, rounded at most

  // Gemm: |alpha| sum |a b|, where a subnormal counts as the dtype's smallest normal: a tensor core
  // aligns its product as if it were one.
  std::vector<double> products{};

  // MaskSoftmax: x_j = scale * S_j or the fill, m the largest of its row, p the result.
  std::vector<double> score_size{};       // |x_j|
  std::vector<double> depth{};            // m - x_j
  std::vector<double> score_size_mean{};  // sum p_j |x_j|
  std::vector<double> score_size_max{};
  std::vector<double> depth_mean{};  // sum p_j (m - x_j)
  std::vector<double> depth_max{};
};

}  // namespace attest
