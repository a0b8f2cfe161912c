// How far the results of a chain lie from exact ones in all likelihood: the probabilistic tier.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation.h"
#include "harness/problem/problem.h"
#include "harness/problem/rounding_model.h"
#include "reference/balls.h"

#include <cstdint>
#include <vector>

namespace attest {

/// Errors that the columns of a row of one batch and head share: row i is off by
/// sum_j D_ij (value_j - centre_i), for independent D.
struct SharedErrors {
  std::int64_t batch = 0;
  std::int64_t head = 0;
  Matrix square{};  // of what D_ij stays below [rows, keys]
  Matrix value{};   // [keys, columns]
  Matrix centre{};  // [rows, columns]; without elements: 0
};

/// Of each element of the result, packed as in OperationTerms.
struct LikelyErrors {
  std::vector<double> all;
  std::vector<double> apart;         // without the shared ones
  std::vector<SharedErrors> shared;  // of a product whose first operand has errors, of attention
};

/// A radius of an operand is here what its own error stays below in all likelihood. Errors are
/// followed to first order as independent random numbers, so that their squares add up; what that
/// leaves out is told in likely_errors.cpp. Not for equals_zero. Finite inputs only.
/// `shared`: of A of a gemm, apart from its radii, whose rows are those of all batches and whose
/// columns those of all heads side by side.
[[nodiscard]] LikelyErrors likely_errors(const Operation& operation,
                                         const OperandBalls& operands,
                                         const RoundingModel& model,
                                         const std::vector<SharedErrors>& shared = {});

/// The same for O of attention, packed [batch, heads_q, seq_q, head_dim_v].
[[nodiscard]] LikelyErrors likely_errors(const Problem& problem,
                                         const Balls& q,
                                         const Balls& k,
                                         const Balls& v,
                                         const std::vector<std::uint8_t>& keep,
                                         const RoundingModel& model);

}  // namespace attest
