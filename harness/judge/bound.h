// The largest error that a correct kernel can make, per element of O and per row of LSE.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/arithmetic.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace attest {

/// One bound by cause, in the units of the output; `total` is the sum of the rest.
struct BoundParts {
  double scores = 0;        // scores, exp and rescaling: what changes the weights
  double probability = 0;   // P rounded to its dtype
  double underflow = 0;     // P, products and sums below the smallest normal
  double accumulation = 0;  // P*V and the rescaling of O
  double row_sum = 0;       // l, and the division by it; for LSE l and its logarithm
  double scaling = 0;       // alpha and the bias of an operation
  double chance = 0;        // independent roundings, in all likelihood
  double inputs = 0;        // what the inputs may be off by themselves
  double rounding = 0;      // to the output's dtype
  double total = 0;

  /// What the kernel's value may be off by before it is rounded to the output's dtype.
  [[nodiscard]] double before_rounding() const {
    return scores + probability + underflow + accumulation + row_sum + scaling + chance + inputs;
  }
};

/// "1.2e-3 = scores 1e-5 + P 1e-3 + ..", the largest part first, parts of 0 left out.
[[nodiscard]] std::string to_string(const BoundParts& parts);

/// e^x - 1 from above, within 0.1 % for x <= 1; Inf where it would overflow and for NaN. x >= 0.
[[nodiscard]] double excess_of_exp(double x);

/// How a dot product of n terms is accumulated: |error| <= error_factor * sum |a_k b_k|.
struct DotModel {
  bool truncates =
      false;  // tensor core: blocks of `block` terms, each cut off at `cut`, relative to
  std::int64_t block = 0;  // the power of two of the largest
  double cut = 0;

  /// Errors  ATTEST_CHECK on an architecture without tensor cores that are modelled ("sm_61", "").
  DotModel(Accumulate accumulate, std::string_view arch);
  /// `span` terms lie side by side in k, of which `terms` are not zero. First order; the caller
  /// grows it with excess_of_exp().
  [[nodiscard]] double error_factor(std::int64_t terms, std::int64_t span) const;
  /// What the cuts of one block can add up to, relative to its largest product.
  [[nodiscard]] double block_error() const;
};

/// The bound of a problem for a kernel's arithmetic on an architecture. Derivation in bound.cpp.
class Bound {
 public:
  Bound(const Problem& problem, const Arithmetic& arithmetic, std::string_view arch);

  /// What all elements of a row share.
  struct Row {
    double score_products = 0;  // coefficients of eta, by term of ReferenceTerms
    double score_constant = 0;
    double eta_max = 0;       // largest eta of the row
    double ratio = 1;         // (e^eta_max - 1) / eta_max
    double denominator = 1;   // e^mean(eta)
    double weights = 1;       // how much sum of weights can grow, relative to l
    double accumulation = 0;  // relative error of P*V and rescaling
    double row_sum = 0;       // relative error of l
    double division = 0;      // relative error of l and the division, as a growth
    double tiny = 0;          // absolute error of f32 arithmetic below the smallest normal
    std::int64_t kept = 0;
  };
  /// `row` indexes the row arrays; the row keeps at least one key.
  [[nodiscard]] Row row(const ReferenceTerms& terms, std::size_t row) const;
  [[nodiscard]] BoundParts output(const ReferenceTerms& terms,
                                  const Row& row,
                                  std::size_t element) const;
  [[nodiscard]] BoundParts lse(const ReferenceTerms& terms, const Row& row, std::size_t at) const;

 private:
  Problem problem_;
  Arithmetic arithmetic_;
  DotModel dot_;
  std::int64_t tiles_ = 0;
  double probability_roundoff_ = 0;  // u_P; 0 when P stays f32
  double probability_tiny_ = 0;      // phi_P
  double exp_error_ = 0;             // of one exp, relative, as an error of its argument
};

}  // namespace attest
