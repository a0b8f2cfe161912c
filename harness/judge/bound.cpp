// Worst-case error bound of a fused attention kernel, from the reference's terms.
// SPDX-License-Identifier: Apache-2.0
//
// What is bounded: any kernel that walks the keys in tiles, keeps a running maximum M, weights
// w_j = exp(s_j - M), their sum l and an unnormalised O, rescales l and O when M rises, and divides
// at the end, in f32 except where Arithmetic says otherwise. Notation as in problem/terms.h; w_j
// below are the exact softmax weights p_j of the terms, u = 2^-24.
//
// 1. Weights. Every weight of the kernel is w_j e^(delta_j) times one factor common to the row,
// which
//    the division cancels, with |delta_j| <= eta_j:
//      eta_j = g_D a_j + 2u |s_j| + 5u (m - s_j) + c
//      g_D a_j       the dot product (DotModel), and one rounding more if q is scaled first
//      2u |s_j|      s = raw * scale rounded, and either a second factor log2(e) or M * log2(e)
//                    rounded: M is a score of this row between s_j and m, so |M| <= |s_j| + (m -
//                    s_j). A finite fill is a score like the others: rounded to f32, times log2(e)
//      5u (m - s_j)  that M; scale * log2(e) in f32 (2u, of the distance to m only); s - M and its
//                    product rounded (2u). Rescaling steps have the same errors, of M's jumps; the
//                    distance in the first tile and the jumps after it add up to m - s_j.
//      c             exp_error each for the exp of the weight and of the tiles - 1 rescalings
//                    (exp_ulps from the correctly rounded value, which is half an ulp off itself);
//                    plus 8u g_D max a, for distances measured between computed scores
//    The factor kSecondOrder covers products of these roundings (u against 1) and the reference's
//    own.
// 2. Ratio. With D = sum w e^delta the exact quotient of such weights is o + R,
//      R = sum w_j (e^delta_j - 1)(v_j - o) / D,  |R| <= (e^h - 1)/h e^(sum w eta) sum w_j eta_j
//      |v_j - o|
//    for h = max eta: (e^x - 1)/x rises, and D >= e^(-sum w eta) by Jensen. R is also at most
//    max|v| + |o|, as a mean of the v_j. sum w e^delta |v| / D is at most e^(h + sum w eta) sum w
//    |v|, and at most max |v|. So the bound holds for errors of any size, not to first order only.
// 3. P. Rounding to its dtype moves each product by u_P; below the smallest normal by phi_P at
// most, in
//    units where the tile's maximum is 1, which later rescalings only shrink: phi_P sum |v| / l. If
//    l adds the rounded P, the relative part is an error of the weight instead (part of c).
// 4. P*V. g of DotModel over the row's keys, and two roundings a tile for the rescaling, of sum w
// |v|.
// 5. l and the division: at most `kept` additions and two roundings a tile, whatever the tree; then
//    div.full or rcp and a product, at most 2^-22.
// 6. The output's rounding: u_O (|o| + all of the above) + half the smallest subnormal.
// Growth over several steps, (1+x1)(1+x2).. - 1 <= e^(x1+x2+..) - 1, is taken with excess_of_exp().
// A division by 1 - x (relative errors below the line) is written x / (1 - x).
// Source  the structure follows Higham, Accuracy and Stability, ch. 3; Blanchard, Higham, Lopez,
// Mary and
//         Pranesh, SISC 42(3) 2020 for block accumulation. Constants: the table below.
#include "harness/judge/bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace attest {
namespace {

constexpr double kU = 0x1p-24;
constexpr double kSecondOrder = 1.01;
constexpr double kDivision = 0x1p-22;   // div.full.f32: 2 ulp; rcp.approx and a product are less
constexpr double kLogError = 0x1p-22;   // lg2.approx: absolute in (0.5, 2), relative elsewhere
constexpr double kF32Tiny = 0x1p-126;   // a flushed or rounded f32 subnormal is off by less
constexpr double kReference = 0x1p-52;  // a rounding of the reference, with room
constexpr std::int64_t kMmaDepth = 16;  // k of mma.m16n8k16
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double over_one_minus(double x) {
  return x < 1 ? x / (1 - x) : kInfinity;
}

// 0 * Inf is 0 here: no mass, no error.
double times(double a, double b) {
  return a == 0 || b == 0 ? 0 : a * b;
}

double smallest_normal(Dtype dtype) {
  return smallest_subnormal(dtype) / (2 * unit_roundoff(dtype));
}

int compute_capability(std::string_view arch) {
  int value = 0;
  if (arch.substr(0, 3) == "sm_") {
    std::from_chars(arch.data() + 3, arch.data() + arch.size(), value);
  }
  return value;
}

}  // namespace

double excess_of_exp(double x) {
  if (!(x < 709)) return kInfinity;
  // e^x - 1 <= x / (1 - x/2) for 0 <= x < 2, term by term of the series.
  if (x <= 0x1p-4) return x / (1 - x / 2);
  const double half = excess_of_exp(x / 2);
  return half * (half + 2);
}

// Tensor cores: each block of L products and the accumulator is cut off at F bits below the largest
// of them, and the sum at 23 bits. Of n nonzero products (the accumulator counted, the largest not)
// at most n are cut, each by 2^-F of the largest; blocks without a product are exact.
// F and L: measured on V100, A100, A2, L40S, H100, H200, B200 (Khattak and Mikaitis, arXiv
// 2512.07004; Xie et al., arXiv 2511.10909).
DotModel::DotModel(Accumulate accumulate, std::string_view arch) {
  if (accumulate == Accumulate::fma_f32) return;
  truncates = true;
  const int capability = compute_capability(arch);
  ATTEST_CHECK(capability >= 70);
  block = capability >= 90 ? 16 : capability >= 75 ? 8 : 4;
  cut = capability >= 90 ? 0x1p-25 : capability >= 75 ? 0x1p-24 : 0x1p-23;
}

// fma chains, or any tree of fma, mul and add: one rounding per term, and one more.
double DotModel::error_factor(std::int64_t terms, std::int64_t span) const {
  const auto count = static_cast<double>(terms);
  if (!truncates) return (count + 1) * kU;
  const std::int64_t blocks = (span + kMmaDepth - 1) / kMmaDepth * (kMmaDepth / block);
  return count * cut + static_cast<double>(std::min(terms, blocks)) * 0x1p-23;
}

double DotModel::block_error() const {
  return static_cast<double>(block) * cut;
}

Bound::Bound(const Problem& problem, const Arithmetic& arithmetic, std::string_view arch)
    : problem_(problem), arithmetic_(arithmetic), dot_(arithmetic.accumulate, arch) {
  ATTEST_CHECK(!score_extra(problem));  // whose roundings are not in eta_j
  tiles_ = (problem.seq_kv + arithmetic.kv_tile - 1) / arithmetic.kv_tile;
  exp_error_ = over_one_minus((arithmetic.exp_ulps + 0.5) * 0x1p-23);
  probability_tiny_ = kF32Tiny;
  if (arithmetic.probability == Dtype::f32) return;
  probability_roundoff_ = unit_roundoff(arithmetic.probability);
  probability_tiny_ += smallest_subnormal(arithmetic.probability) / 2;
  if (dot_.truncates) {
    // A subnormal P aligns like the smallest normal (terms.h): 2^-F of that per product cut off.
    probability_tiny_ += 2 * smallest_normal(arithmetic.probability) * dot_.block_error();
  }
}

Bound::Row Bound::row(const ReferenceTerms& terms, std::size_t at) const {
  Row row;
  row.kept = terms.kept[at];
  const auto kept = static_cast<double>(row.kept);
  const auto tiles = static_cast<double>(std::min(tiles_, row.kept));
  const std::int64_t depth = problem_.head_dim;
  const double scale = std::fabs(static_cast<double>(effective_scale(problem_)));
  const double dot = dot_.error_factor(depth, depth) + 2 * kU;
  row.score_products = excess_of_exp(dot);
  row.score_constant = tiles * exp_error_ + 8 * kU * row.score_products * terms.products_max[at] +
                       static_cast<double>(depth + 8) * kF32Tiny * (1 + scale);
  if (arithmetic_.sum_of_rounded_p) row.score_constant += over_one_minus(probability_roundoff_);
  // |s_j| <= a_j, or the fill; m - s_j <= |m| + |s_j|.
  const double fill = std::isfinite(problem_.fill) ? std::fabs(problem_.fill) : 0;
  const double largest_score = std::max(terms.products_max[at], fill);
  row.eta_max = kSecondOrder *
                (row.score_products * terms.products_max[at] + row.score_constant +
                 2 * kU * largest_score + 5 * kU * (std::fabs(terms.row_max[at]) + largest_score));
  const double eta_mean =
      kSecondOrder * (row.score_products * terms.products_mean[at] + row.score_constant +
                      2 * kU * terms.scores_mean[at] + 5 * kU * terms.depth_mean[at]);
  row.ratio = row.eta_max > 0 ? excess_of_exp(row.eta_max) / row.eta_max : 1;
  row.denominator = 1 + excess_of_exp(eta_mean);
  row.weights = 1 + excess_of_exp(row.eta_max + eta_mean);
  row.accumulation = excess_of_exp(dot_.error_factor(row.kept, problem_.seq_kv) + 2 * tiles * kU +
                                   (kept + 4) * kReference);
  row.row_sum = over_one_minus((kept + 2 * tiles + 2) * kU + kept * kF32Tiny);
  row.division = excess_of_exp(row.row_sum + kDivision);
  row.tiny = (kept + 2 * tiles + 2) * kF32Tiny;
  return row;
}

BoundParts Bound::output(const ReferenceTerms& terms, const Row& row, std::size_t element) const {
  const double size = std::fabs(terms.o[element]);
  const double largest = terms.abs_v_max[element];
  const auto kept = static_cast<double>(row.kept);
  BoundParts parts;
  const double spread =
      kSecondOrder *
      (row.score_products * terms.products_spread[element] + 2 * kU * terms.scores_spread[element] +
       5 * kU * terms.depth_spread[element] + row.score_constant * terms.weighted_spread[element]);
  parts.scores = std::min(times(spread, row.ratio * row.denominator), largest + size);
  const double mass = std::min(times(terms.weighted_abs_v[element], row.weights), largest);
  const double rounded_p = arithmetic_.sum_of_rounded_p ? 0 : probability_roundoff_;
  parts.probability = rounded_p * mass;
  parts.accumulation = (1 + probability_roundoff_) * row.accumulation * mass;
  // A key that underflows loses at most phi_P of its |v|; in l too if that adds the rounded P.
  const double lost = std::min(times(terms.abs_v_over_l[element], row.weights), kept * largest);
  parts.underflow = probability_tiny_ * lost + row.tiny;
  if (arithmetic_.sum_of_rounded_p) parts.underflow += probability_tiny_ * kept * size;
  if (dot_.truncates) {
    // Subnormal v align like the smallest normal: 2^-F of it per product, of weights that sum to 1.
    parts.underflow += 2 * smallest_normal(problem_.dtype) * dot_.block_error();
  }
  parts.row_sum = times(row.division, size + parts.before_rounding());
  const double before = parts.before_rounding();
  parts.rounding =
      unit_roundoff(problem_.dtype) * (size + before) + smallest_subnormal(problem_.dtype) / 2;
  parts.total = before + parts.rounding;
  return parts;
}

// LSE = M + ln l. The eta of the weights act on l as a whole: |ln sum w e^delta| is at most
// (e^h - 1)/h sum w eta. M may be rounded as M * scale, by log2(e) and by ln 2, and added: 6u.
BoundParts Bound::lse(const ReferenceTerms& terms, const Row& row, std::size_t at) const {
  const double lse = std::fabs(terms.lse[at]);
  const double largest = std::fabs(terms.row_max[at]);
  const double log_sum = std::max(0.0, terms.lse[at] - terms.row_max[at]);
  BoundParts parts;
  parts.scores = kSecondOrder * row.ratio *
                     (row.score_products * terms.products_mean[at] + row.score_constant +
                      2 * kU * terms.scores_mean[at] + 5 * kU * terms.depth_mean[at]) +
                 kSecondOrder * 6 * kU * (largest + log_sum);
  if (arithmetic_.sum_of_rounded_p) {
    parts.underflow = static_cast<double>(row.kept) * probability_tiny_ * row.weights;
  }
  parts.row_sum = row.row_sum + kLogError * (1 + log_sum) + 4 * kReference * (1 + lse + largest);
  const double before = parts.before_rounding();
  parts.rounding = kU * (lse + before) + smallest_subnormal(Dtype::f32) / 2;
  parts.total = before + parts.rounding;
  return parts;
}

std::string to_string(const BoundParts& parts) {
  std::array<std::pair<double, const char*>, 9> named{{{parts.scores, "scores"},
                                                       {parts.probability, "P"},
                                                       {parts.underflow, "underflow"},
                                                       {parts.accumulation, "accumulation"},
                                                       {parts.row_sum, "row sum"},
                                                       {parts.scaling, "alpha and bias"},
                                                       {parts.chance, "roundings"},
                                                       {parts.inputs, "inputs"},
                                                       {parts.rounding, "output"}}};
  std::stable_sort(
      named.begin(), named.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text = fmt::format("{:.3g} =", parts.total);
  const char* separator = " ";
  for (const auto& [value, what] : named) {
    if (value == 0) continue;
    text += fmt::format("{}{} {:.3g}", separator, what, value);
    separator = " + ";
  }
  return text;
}

}  // namespace attest
