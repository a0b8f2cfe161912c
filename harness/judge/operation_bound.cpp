// Worst-case error bounds of the layer's operations, from the reference's terms.
// SPDX-License-Identifier: Apache-2.0
//
// u = 2^-24; every kernel works in f32 up to the output's dtype. Terms are the largest within the
// radii of the inputs (operation_terms.h), so that what a launch adds is bounded wherever its inputs
// lie; `inputs` is the radius of the result, and the two add up:
//   |computed(x') - f(x)| <= |computed(x') - f(x')| + |f(x') - f(x)|
// Gemm.
//   accumulation  (e^g - 1) |alpha| sum |a b|, g of DotModel, in any order and with alpha taken out
//                 or put in before; and 2^-126 for each f32 result that is flushed, times |alpha|
//   scaling       alpha times the sum is rounded once (u), the bias is added and rounded once (u)
//   A filled place is the fill, rounded to the dtype: exact.
// Softmax, with eta as in bound.cpp without a dot product:
//   eta_j = 2u |x_j| + 5u (m - x_j) + c,  c = exp_error each for the exp and for each rescaling of an
//   online sum, and flushed products
//   The weight of j is p_j e^delta_j / D, |delta_j| <= eta_j, with mean = sum p eta:
//   e^-mean <= D <= e^(ratio mean), ratio = (e^h - 1) / h, h = max eta. So p_j moves by a factor of at
//   most e^(eta_j + ratio mean). Then l, at most n additions and two roundings a tile, and the
//   division (2^-22). Each of exp, quotient and the two of them rescaled may be flushed: 4 * 2^-126,
//   since l >= 1 in units of the largest weight.
// Bias and scale: one rounding in f32 before the output's own (none where the output is f32).
// Rounding to the output's dtype: u_C of the value's size, and half the smallest subnormal; a gemm
// and a softmax in f32 have it in the terms above. What is stored as it came has no error of its own.
#include "harness/judge/operation_bound.h"

#include "harness/base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr double kU = 0x1p-24;
constexpr double kSecondOrder = 1.01;
constexpr double kDivision = 0x1p-22;   // div.full.f32: 2 ulp; rcp.approx and a product are less
constexpr double kF32Tiny = 0x1p-126;   // a flushed or rounded f32 subnormal is off by less
constexpr double kReference = 0x1p-52;  // a rounding of the reference, with room
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double over_one_minus(double x) {
  return x < 1 ? x / (1 - x) : kInfinity;
}

double size_of(const OperationTerms& terms, std::size_t e) {
  return std::fabs(terms.value[e]) + (terms.radius.empty() ? 0 : terms.radius[e]);
}

double as_float(double value) {
  return static_cast<double>(static_cast<float>(value));
}

}  // namespace

OperationBound::OperationBound(const Operation& operation,
                               const Arithmetic& arithmetic,
                               std::string_view arch)
    : operation_(operation), dtype_(dtype(operation)), dot_(arithmetic.accumulate, arch) {
  if (const auto* const gemm = std::get_if<Gemm>(&operation)) {
    const auto depth = static_cast<double>(gemm->k);
    dot_growth_ = excess_of_exp(kSecondOrder * dot_.error_factor(gemm->k, gemm->k) +
                                (depth + 4) * kReference);
    dot_tiny_ = (depth + 1) * kF32Tiny;
  }
  if (const auto* const softmax = std::get_if<MaskSoftmax>(&operation)) {
    const std::int64_t steps = (softmax->n + arithmetic.kv_tile - 1) / arithmetic.kv_tile;
    const auto tiles = static_cast<double>(std::min(steps, softmax->n));
    const auto keys = static_cast<double>(softmax->n);
    const double exp_error = over_one_minus((arithmetic.exp_ulps + 0.5) * 0x1p-23);
    scores_constant_ = tiles * exp_error + 4 * kF32Tiny * (1 + std::fabs(as_float(softmax->scale)));
    row_sum_ = over_one_minus((keys + 2 * tiles + 2) * kU + keys * kF32Tiny) + kDivision +
               (keys + 8) * kReference;
  }
}

void OperationBound::add_gemm(const Gemm& gemm,
                              const OperationTerms& terms,
                              std::size_t e,
                              BoundParts& p) const {
  const double alpha = std::fabs(as_float(gemm.alpha));
  const double products = terms.products[e];
  p.accumulation = dot_growth_ * products;
  p.underflow = alpha * dot_tiny_;
  if (alpha != 1) {
    p.scaling += kU * (products + p.accumulation + p.underflow);
    p.underflow += kF32Tiny;
  }
  if (gemm.has_bias) {
    p.scaling += kU * (size_of(terms, e) + p.accumulation + p.underflow + p.scaling);
    p.underflow += kF32Tiny;
  }
}

void OperationBound::add_softmax(const OperationTerms& terms, std::size_t e, BoundParts& p) const {
  const std::size_t row = e / static_cast<std::size_t>(terms.shape[3]);
  const auto eta = [&](double size, double depth) {
    return kSecondOrder * (2 * kU * size + 5 * kU * depth + scores_constant_);
  };
  const double largest = eta(terms.score_size_max[row], terms.depth_max[row]);
  const double mean = eta(terms.score_size_mean[row], terms.depth_mean[row]);
  const double own = eta(terms.score_size[e], terms.depth[e]);
  const double ratio = largest > 0 ? excess_of_exp(largest) / largest : 1;
  const double size = std::min(1.0, size_of(terms, e));
  p.scores = std::min(1.0, size == 0 ? 0 : size * excess_of_exp(own + ratio * mean));
  p.row_sum = (size + p.scores) * excess_of_exp(row_sum_);
  p.underflow = 4 * kF32Tiny;
}

BoundParts OperationBound::at(const OperationTerms& terms, std::size_t e) const {
  BoundParts p;
  const bool is_stored = !terms.is_stored.empty() && terms.is_stored[e] != 0;
  const bool is_f32 = dtype_ == Dtype::f32;
  bool is_rounded = true;
  if (!is_stored) {
    if (const auto* const gemm = std::get_if<Gemm>(&operation_)) {
      add_gemm(*gemm, terms, e, p);
      is_rounded = !is_f32;
    } else if (std::holds_alternative<MaskSoftmax>(operation_)) {
      add_softmax(terms, e, p);
      is_rounded = !is_f32;
    } else if (!is_f32) {
      p.scaling = kU * size_of(terms, e);
      p.underflow = kF32Tiny;
    }
  }
  const double added = p.before_rounding();
  if (is_rounded) {
    p.rounding =
        unit_roundoff(dtype_) * (size_of(terms, e) + added) + smallest_subnormal(dtype_) / 2;
  }
  // The radius is a sum of positive parts in double; 2^-20 covers that and the reference's value.
  p.inputs = terms.radius.empty() ? 0 : terms.radius[e] * (1 + 0x1p-20);
  p.total = p.before_rounding() + p.rounding;
  return p;
}

}  // namespace attest
