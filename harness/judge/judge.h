// The judge: a kernel's outputs against the reference's terms, element by element.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/verdict.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/data.h"
#include "harness/problem/problem.h"
#include "harness/problem/terms.h"
#include "harness/record/error_sums.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace attest {

/// What makes an element wrong, in the order in which the judge looks.
enum class Tier : std::uint8_t { count, classes, exact, bound, probabilistic };
[[nodiscard]] std::string_view name(Tier tier);

/// The worst element of the first tensor and tier that disagrees.
struct Divergence {
  Tier tier = Tier::bound;
  std::string tensor;                   // "o", "lse"
  std::array<std::int64_t, 4> index{};  // [batch, head, row, column]; column 0 for lse
  double got = 0;
  double want = 0;
  double bound = 0;
  std::uint32_t got_bits = 0;
  std::uint32_t want_bits = 0;  // the reference rounded to the output's dtype
  std::int64_t wrong = 0;       // elements of this tensor that disagree in this tier
  std::int64_t total = 0;
  std::string pattern;      // where they are: "row 64 of every head", "rows 0..63, columns 3"
  std::string bound_terms;  // the bound with its terms, for a person
};

struct Judgement {
  Verdict verdict = Verdict::not_run;  // agree or disagree
  double ratio_o = 0;  // max over elements of error / bound; Inf when a class differs
  double ratio_lse = 0;
  /// [batch, head, row, column] of the first element that has ratio_o; none while that is 0, or
  /// for a tensor of the wrong size.
  std::optional<std::array<std::int64_t, 4>> worst_o;
  std::optional<Divergence> divergence;
  /// Of judge() that agrees: what the errors of O add up to, `unfused_max` left out.
  std::optional<ErrorSums> errors{};
};

/// Order: element count, classes (NaN, +Inf, -Inf, finite) position by position, then
/// `!(error <= bound)` for O and for LSE.
/// `arch` sets the tensor-core constants ("sm_80").
[[nodiscard]] Judgement judge(const Problem& problem,
                              const Outputs& outputs,
                              const ReferenceTerms& reference,
                              const Arithmetic& arithmetic,
                              std::string_view arch);

/// The same for the probabilistic tier: only rows that it speaks of, against what is likely, for
/// outputs that judge() agrees with. Needs reference.likely; of correctly rounded exp only.
/// The ratios are error / likely bound.
[[nodiscard]] Judgement judge_likely(const Problem& problem,
                                     const Outputs& outputs,
                                     const ReferenceTerms& reference,
                                     const Arithmetic& arithmetic,
                                     std::string_view arch);

/// Bitwise: every element of `a` and `b` has the same bits, and none of `a` is NaN: that is tier
/// classes, everything else tier exact. Divergence names tensor and element.
[[nodiscard]] Judgement judge_bitwise(const Problem& problem, const Outputs& a, const Outputs& b);

}  // namespace attest
