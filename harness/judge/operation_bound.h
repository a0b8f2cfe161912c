// The largest error that a correct kernel of an operation can make, per element.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/bound.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/operation.h"
#include "harness/problem/operation_terms.h"

#include <cstddef>
#include <string_view>

namespace attest {

/// Derivation in operation_bound.cpp. `arch` sets the tensor-core constants ("sm_80").
class OperationBound {
 public:
  OperationBound(const Operation& operation, const Arithmetic& arithmetic, std::string_view arch);

  /// Of one element of the element arrays: what the launch may add (its inputs anywhere within their
  /// radii), and in `inputs` what they move the result by.
  [[nodiscard]] BoundParts at(const OperationTerms& terms, std::size_t element) const;

 private:
  void add_gemm(const Gemm& gemm, const OperationTerms& terms, std::size_t e, BoundParts& p) const;
  void add_softmax(const OperationTerms& terms, std::size_t e, BoundParts& p) const;

  Operation operation_;
  Dtype dtype_;
  DotModel dot_;
  double dot_growth_ = 0;       // gemm: relative to sum |a b|
  double dot_tiny_ = 0;         // gemm: f32 below the smallest normal
  double scores_constant_ = 0;  // softmax: c of eta
  double row_sum_ = 0;          // softmax: of l and the division
};

}  // namespace attest
