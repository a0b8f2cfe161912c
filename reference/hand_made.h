// For tests: inputs written by hand, and how far the reference itself may be off.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"
#include "reference/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <string_view>

namespace attest {

inline Problem parsed(std::string_view text) {
  Result<Problem> problem = parse_problem(text);
  EXPECT_TRUE(problem.has_value()) << text;
  return problem.value();
}

/// Element (b, h, s, d) of the tensor is `value(b, h, s, d)`, rounded to the dtype; gaps are NaN.
template <class Value>
HostTensor tensor_of(const Problem& problem, Tensor tensor, Value value) {
  HostTensor out = poisoned_tensor(tensor_layout(problem, tensor));
  const auto& [batch, heads, rows, columns] = out.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t s = 0; s < rows; ++s)
        for (std::int64_t d = 0; d < columns; ++d)
          out.set_bits(b, h, s, d, encode(problem.dtype, static_cast<double>(value(b, h, s, d))));
  return out;
}

inline double zero(std::int64_t, std::int64_t, std::int64_t, std::int64_t) {
  return 0;
}

/// First-order errors of reference/attention.cpp, u = 2^-53:
///   score    products and sums of the dot D u a, the scale u |s|, m - s rounded u (m - s)
///   weight   exp one ulp (2u), the division by l u: 3u, times |v - o| since a common factor
///   cancels sums     l has kept u, relative; o has a product and `kept` sums of p |v|
/// Products of such terms are below 2^-20 of their sum as long as each is below 2^-21.
class ReferenceError {
 public:
  ReferenceError(const Problem& problem, const ReferenceTerms& terms)
      : problem_(problem), terms_(terms) {}

  [[nodiscard]] double output(std::size_t element) const {
    const std::size_t row = element / static_cast<std::size_t>(problem_.head_dim_v);
    return kU * kSecondOrder *
           (depth() * terms_.products_spread[element] + terms_.scores_spread[element] +
            terms_.depth_spread[element] + 3 * terms_.weighted_spread[element] +
            (kept(row) + 1) * terms_.weighted_abs_v[element] +
            kept(row) * std::fabs(terms_.o[element]));
  }
  /// ln l one ulp (2u), the last sum u, exp 2u, l kept u.
  [[nodiscard]] double lse(std::size_t row) const {
    const double log_sum = terms_.lse[row] - terms_.row_max[row];
    return kU * kSecondOrder *
           (depth() * terms_.products_mean[row] + terms_.scores_mean[row] + terms_.depth_mean[row] +
            2 + kept(row) + 2 * log_sum + std::fabs(terms_.lse[row]));
  }

 private:
  static constexpr double kU = 0x1p-53;
  static constexpr double kSecondOrder = 1 + 0x1p-20;
  [[nodiscard]] double depth() const {
    return static_cast<double>(problem_.head_dim) +
           (score_extra(problem_) ? kFinalScoreRoundings : 0);
  }
  [[nodiscard]] double kept(std::size_t row) const {
    return static_cast<double>(terms_.kept[row]) + (problem_.sink ? 1 : 0);
  }
  const Problem& problem_;
  const ReferenceTerms& terms_;
};

}  // namespace attest
