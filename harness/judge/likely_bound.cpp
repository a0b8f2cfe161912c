// The probabilistic bound of attention, from sums of squares.
// SPDX-License-Identifier: Apache-2.0
//
// Notation as in bound.cpp and problem/terms.h. An error of at most e, as likely anywhere below, has
// the second moment e^2 / 3; so do roundings to nearest, which have mean 0 and do not depend on each
// other where what is rounded does not repeat. A sum of such errors stays below lambda times the root
// of its second moments, with lambda = 7: e7 below stands for 49 e^2 / 3. Of a row of O, to first
// order in the errors of its weights, do = sum p_j delta_j (v_j - o):
//
// Independent of key to key, as squares:
//   scores       delta_j^2 = inner(s_j, z_j) + e7(u) (2 s_j^2 + 5 (m - s_j)^2) + e7(exp), times
//                r p_j^2 (v_j - o)^2. inner is DotErrors of rounding_errors.h for q.k, and of_sum s^2 +
//                of_squares z^2 is taken as the larger of both times s^2 + z^2.
//   P            e7(u_P) r p_j^2 v_j^2; of v_j - o if l adds the rounded P.
//                r counts keys with the same weight, which are rounded alike: N equal errors are N times
//                one, that is N of them with N-fold squares.
//   rescaling    exp of the jump of the maximum is off alike for all keys before it, and so is each
//                rounding of the rescaled O: with G = max over n of |sum of the first n p_j v_j|, per
//                tile e7(exp) (G + |o|)^2 + 2 e7(u) G^2. Keys that are walked backwards, or in parts that
//                are merged, have the same G up to |o|.
//   P*V, fma     kept e7(u) (G^2 + sum p_j^2 v_j^2): each step rounds the sum so far. The second term
//                stands for another order within a tile.
//   l            (kept/3 + 2 tiles) e7(u) o^2: the sum so far is 1/3 of l^2 on average.
// At their full size, since their signs can agree:
//   scores       tensor cores cut towards 0: what all scores lose alike is a factor of at most
//                1 - g_D, and moves O by g_D |sum p_j s_j (v_j - o)|. scale * log2(e), rounded once or
//                twice, is a factor of all distances: 3u of the same sum, since sum p_j (v_j - o) = 0.
//   P*V, mma     the sum so far loses `cut` of itself for each product of a block, and 2^-23 for each
//                block; products lose `cut` of the largest of their block: (kept cut + blocks 2^-23) G'
//                + block cut sum p|v|, with G'^2 = G^2 + sum p_j^2 v_j^2
//   underflow, the division, the output's rounding: as in the worst case.
// LSE likewise, with 1 in place of v_j - o; the maximum is rounded up to six times, as in bound.cpp.
//
// It is not asked of rows with fewer different weights than the root of their keys (then errors of P
// repeat: arXiv 2510.04212), nor where the weights can be off by more than 2^-5 (first order).
// Source  Higham and Mary, SISC 41(5) 2019; Ipsen and Zhou, arXiv 1906.10465.
#include "harness/judge/likely_bound.h"

#include "harness/judge/rounding_errors.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

constexpr double kU = 0x1p-24;
constexpr double kLogError = 0x1p-22;  // as in bound.cpp
constexpr double kDivision = 0x1p-22;
constexpr double kSecondOrder = 1.01;
constexpr double kLargestEta = 0x1p-5;

double square(double x) {
  return x * x;
}

/// The worst case where it is less.
BoundParts lesser(const BoundParts& likely, const BoundParts& worst) {
  return likely.total < worst.total ? likely : worst;
}

}  // namespace

LikelyBound::LikelyBound(const Problem& problem,
                         const Arithmetic& arithmetic,
                         std::string_view arch)
    : problem_(problem),
      arithmetic_(arithmetic),
      dot_(arithmetic.accumulate, arch),
      model_(rounding_errors(problem, arithmetic, arch)),
      exponential_(likely_square((arithmetic.exp_ulps + 0.5) * 0x1p-23)),
      distance_(3 * kU) {
  if (dot_.truncates) together_ = dot_.error_factor(problem.head_dim, problem.head_dim);
}

bool LikelyBound::speaks_of(const ReferenceTerms& terms,
                            const Bound::Row& row,
                            std::size_t at) const {
  ATTEST_CHECK(terms.likely.has_value());
  const auto distinct = static_cast<double>(terms.likely->distinct[at]);
  return square(distinct) >= static_cast<double>(row.kept) && row.eta_max <= kLargestEta;
}

double LikelyBound::tiles(const Bound::Row& row) const {
  const std::int64_t steps = (problem_.seq_kv + arithmetic_.kv_tile - 1) / arithmetic_.kv_tile;
  return static_cast<double>(std::min(steps, row.kept));
}

BoundParts LikelyBound::output(const ReferenceTerms& terms,
                               const Bound::Row& row,
                               const BoundParts& worst,
                               std::size_t element) const {
  const LikelyTerms& likely = *terms.likely;
  const double size = std::fabs(terms.o[element]);
  const double values = likely.values_squared[element];
  const double prefix = likely.prefix_max[element];
  const double any_order = square(prefix) + values;
  const double inner = std::max(model_.inner.of_sum + 2 * model_.step, model_.inner.of_squares);
  const auto kept = static_cast<double>(row.kept);
  double squares = inner * likely.scores_squared[element] +
                   5 * model_.step * likely.depth_squared[element] +
                   exponential_ * likely.spread_squared[element];
  squares +=
      model_.probability * (arithmetic_.sum_of_rounded_p ? likely.spread_squared[element] : values);
  squares += tiles(row) * (exponential_ * square(prefix + size) + 2 * model_.step * any_order);
  if (!dot_.truncates) squares += kept * model_.step * any_order;
  squares += (kept / 3 + 2 * tiles(row)) * model_.step * square(size);

  BoundParts parts;
  parts.chance = kSecondOrder * std::sqrt(squares);
  parts.scores = kSecondOrder * (together_ + distance_) * likely.scores_together[element];
  if (dot_.truncates) {
    const double lost = dot_.error_factor(row.kept, problem_.seq_kv);
    parts.accumulation =
        lost * std::sqrt(any_order) + dot_.block_error() * terms.weighted_abs_v[element];
  }
  parts.underflow = worst.underflow;
  parts.row_sum = kDivision * (size + parts.before_rounding());
  const double before = parts.before_rounding();
  parts.rounding =
      unit_roundoff(problem_.dtype) * (size + before) + smallest_subnormal(problem_.dtype) / 2;
  parts.total = before + parts.rounding;
  return lesser(parts, worst);
}

BoundParts LikelyBound::lse(const ReferenceTerms& terms,
                            const Bound::Row& row,
                            const BoundParts& worst,
                            std::size_t at) const {
  const LikelyTerms& likely = *terms.likely;
  const double lse = std::fabs(terms.lse[at]);
  const double largest = std::fabs(terms.row_max[at]);
  const double log_sum = std::max(0.0, terms.lse[at] - terms.row_max[at]);
  const double inner = std::max(model_.inner.of_sum + 2 * model_.step, model_.inner.of_squares);
  double squares = inner * likely.scores_squared_mean[at] +
                   5 * model_.step * likely.depth_squared_mean[at] +
                   exponential_ * likely.weights_squared[at];
  if (arithmetic_.sum_of_rounded_p) squares += model_.probability * likely.weights_squared[at];
  squares += tiles(row) * (exponential_ + 2 * model_.step) +
             static_cast<double>(row.kept) / 3 * model_.step;

  BoundParts parts;
  parts.chance = kSecondOrder * std::sqrt(squares);
  parts.scores = kSecondOrder * (together_ * likely.scores_together_mean[at] +
                                 distance_ * terms.depth_mean[at] + 6 * kU * (largest + log_sum));
  parts.underflow = worst.underflow;
  parts.row_sum = kLogError * (1 + log_sum);
  const double before = parts.before_rounding();
  parts.rounding = kU * (lse + before) + smallest_subnormal(Dtype::f32) / 2;
  parts.total = before + parts.rounding;
  return lesser(parts, worst);
}

}  // namespace attest
