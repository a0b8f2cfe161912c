// Second moments of rounding errors, times lambda^2.
// SPDX-License-Identifier: Apache-2.0
//
// An error of at most e, anywhere with the same likelihood, has the second moment e^2 / 3; roundings
// to nearest are such errors, with mean 0 and independent of each other.
// A sum of n terms. In a random order the partial sum s after t n of them has
//   E s^2 = t^2 S^2 + t (1 - t) Q,  S the sum, Q the sum of squares; on average S^2/3 + Q/6
//   fma_f32       each step rounds s: n u^2/3 (S^2/3 + Q/6); and two roundings more, of a product and
//                 of S
//   tensor core   In each block of L, terms and s are cut at `cut` of the largest of them, and the sum
//                 at 2^-23. Cuts are towards 0: where terms have one sign, or s keeps its own, they
//                 add up before they are squared. So for those relative to s
//                 (n cut + n/L (cut + 2^-23))^2 / 3 (S^2/3 + Q/6), and for those relative to the
//                 largest term, whose square is at most the sum of the block's, L cut^2 / 3 Q.
//                 The bias is thus there at its full size; only that the elements of a tensor share
//                 it (all nearer to 0, by some 10^-5 of their size) is not followed. Where such a sum
//                 is stored, it is rounded to 2^-11 or coarser.
// exp: exp_ulps and half of one, at each of the tiles. l: as a sum of positive terms, two roundings a
// tile, and the division. What 16 bits and f32 lose below the smallest normal is absolute.
// Source  Higham and Mary, A new approach to probabilistic rounding error analysis, SISC 41(5) 2019.
#include "harness/judge/rounding_errors.h"

#include "harness/judge/bound.h"

#include <algorithm>

namespace attest {
namespace {

constexpr double kLambda = 7;
constexpr double kU = 0x1p-24;
constexpr double kDivision = 0x1p-22;
constexpr double kRounded = 0x1p-23;  // the sum of a block, cut off

DotErrors dot_errors(const DotModel& dot, std::int64_t terms) {
  const auto n = static_cast<double>(terms);
  double of_partial = n * likely_square(kU);
  double of_squares = likely_square(kU);
  if (dot.truncates) {
    const double blocks = n / static_cast<double>(dot.block) + 1;
    of_partial = likely_square(n * dot.cut + blocks * (dot.cut + kRounded));
    of_squares = static_cast<double>(dot.block) * likely_square(dot.cut);
  }
  return {of_partial / 3 + likely_square(kU), of_partial / 6 + of_squares};
}

/// Steps that operations and attention share, for so many keys.
RoundingModel model(Dtype dtype, const Arithmetic& arithmetic, std::int64_t keys) {
  const std::int64_t steps = (keys + arithmetic.kv_tile - 1) / arithmetic.kv_tile;
  const auto tiles = static_cast<double>(std::min(steps, keys));
  RoundingModel model;
  model.step = likely_square(kU);
  model.exponential = tiles * likely_square((arithmetic.exp_ulps + 0.5) * 0x1p-23);
  model.row_sum =
      (static_cast<double>(keys) / 3 + 2 * tiles) * likely_square(kU) + likely_square(kDivision);
  if (dtype != Dtype::f32) model.output = likely_square(unit_roundoff(dtype));
  model.output_tiny = likely_square(smallest_subnormal(dtype) / 2);
  return model;
}

}  // namespace

double likely_square(double error) {
  return kLambda * kLambda * error * error / 3;
}

RoundingModel rounding_errors(const Operation& operation,
                              const Arithmetic& arithmetic,
                              std::string_view arch) {
  RoundingModel out = model(dtype(operation), arithmetic, result_shape(operation)[3]);
  const auto* const gemm = std::get_if<Gemm>(&operation);
  if (gemm != nullptr) out.inner = dot_errors(DotModel(arithmetic.accumulate, arch), gemm->k);
  return out;
}

RoundingModel rounding_errors(const Problem& problem,
                              const Arithmetic& arithmetic,
                              std::string_view arch) {
  const DotModel dot(arithmetic.accumulate, arch);
  RoundingModel out = model(problem.dtype, arithmetic, problem.seq_kv);
  out.inner = dot_errors(dot, problem.head_dim);
  out.outer = dot_errors(dot, problem.seq_kv);
  const Dtype probability = arithmetic.probability;
  if (probability == Dtype::f32) return out;
  out.probability = likely_square(unit_roundoff(probability));
  out.probability_tiny = likely_square(smallest_subnormal(probability) / 2);
  return out;
}

}  // namespace attest
