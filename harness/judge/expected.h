// Expected: what a law wants of each element of O and LSE, and how far off it may be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/bound.h"
#include "harness/judge/judge.h"

#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct ExpectedElement {
  double value = 0;
  BoundParts bound{};
  bool is_exact = false;  // the bits of `value`, rounded once, and no others
};

/// Packed row-major: O [batch, heads_q, seq_q, head_dim_v], LSE [batch, heads_q, seq_q].
struct Expected {
  std::vector<ExpectedElement> o;
  std::vector<ExpectedElement> lse;
  std::string because = "same bits";  // why the exact ones are
};

/// Of the reference: what judge() holds outputs to.
[[nodiscard]] Expected expected_of(const Problem& problem,
                                   const ReferenceTerms& reference,
                                   const Arithmetic& arithmetic,
                                   std::string_view arch);

/// Of another answer to the same question: values of `answer`, bounds of both added up. An element
/// that both have exact stays so. An infinite one stands for the value where rounding goes there.
[[nodiscard]] Expected expected_of(const Problem& problem,
                                   const Outputs& answer,
                                   const Expected& of_answer,
                                   const Expected& of_other);

/// Of the outputs themselves, for laws that speak of some elements only; NaN disagrees all the same.
[[nodiscard]] Expected expected_of(const Problem& problem, const Outputs& outputs);

/// A value that went to Inf stands for the one where rounding goes there.
[[nodiscard]] double finite_value(double value, Dtype dtype);

/// The sum, part by part.
[[nodiscard]] BoundParts sum_of(const BoundParts& a, const BoundParts& b);
/// A bound with this one cause.
[[nodiscard]] BoundParts rounding_of(double error);

/// As judge(): element count, classes, exact elements, then error against bound.
[[nodiscard]] Judgement judge_expected(const Problem& problem,
                                       const Outputs& outputs,
                                       const Expected& expected);

}  // namespace attest
