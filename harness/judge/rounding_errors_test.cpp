// The errors of sums as they are made, in f32 and as tensor cores make them, against their model.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/rounding_errors.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace attest {
namespace {

/// n terms near N(mean, 1), as floats.
std::vector<double> draw_terms(std::int64_t n, double mean, std::uint64_t seed) {
  std::vector<double> terms;
  for (std::int64_t k = 0; k < n; ++k) {
    const std::uint64_t bits = random_bits(seed, 0, static_cast<std::uint64_t>(k));
    double sum = mean;
    for (int part = 0; part < 4; ++part)
      sum += std::sqrt(0.75) * (static_cast<double>(bits >> (16 * part) & 0xffff) * 0x1p-15 - 1);
    terms.push_back(static_cast<float>(sum));
  }
  return terms;
}

double chain(const std::vector<double>& terms) {
  float sum = 0;
  for (const double term : terms)
    sum += static_cast<float>(term);
  return sum;
}

double cut_off(double x, double unit) {
  return std::trunc(x / unit) * unit;
}

/// Blocks of 8 and the sum, cut off 24 bits below the largest; the result at 23.
double tensor_core(const std::vector<double>& terms) {
  double sum = 0;
  for (std::size_t first = 0; first < terms.size(); first += 8) {
    double largest = std::fabs(sum);
    for (std::size_t k = first; k < first + 8; ++k)
      largest = std::max(largest, std::fabs(terms[k]));
    const double unit = std::exp2(std::floor(std::log2(largest))) * 0x1p-24;
    double next = cut_off(sum, unit);
    for (std::size_t k = first; k < first + 8; ++k)
      next += cut_off(terms[k], unit);
    sum = cut_off(next, std::exp2(std::floor(std::log2(std::fabs(next)))) * 0x1p-23);
  }
  return sum;
}

/// The mean square of error / model over many sums; the model is 7^2 times a second moment.
double mean_square(const DotErrors& model,
                   double (*add)(const std::vector<double>&),
                   std::int64_t n,
                   double mean) {
  double total = 0;
  constexpr int kTrials = 2000;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto terms = draw_terms(n, mean, derive_seed(5, static_cast<std::uint64_t>(trial)));
    double sum = 0;
    double squares = 0;
    for (const double term : terms) {
      sum += term;
      squares += term * term;
    }
    const double error = add(terms) - sum;
    total += error * error / (model.of_sum * sum * sum + model.of_squares * squares);
  }
  return 49 * total / kTrials;
}

TEST(RoundingErrors, OfSumsAreAsLargeAsTheModelSays) {
  for (const std::int64_t n : {16, 128, 1024}) {
    const Gemm gemm{.k = n, .dtype = Dtype::f16};
    const DotErrors fma = rounding_errors(Operation(gemm), {}, "sm_80").inner;
    const DotErrors mma =
        rounding_errors(Operation(gemm), {.accumulate = Accumulate::tensor_core_f32}, "sm_80")
            .inner;
    for (const double mean : {0.0, 0.3, 2.0}) {
      SCOPED_TRACE(::testing::Message() << n << " terms of mean " << mean);
      const double of_fma = mean_square(fma, chain, n, mean);
      EXPECT_LT(of_fma, 1);
      EXPECT_GT(of_fma, 0.1);
      const double of_mma = mean_square(mma, tensor_core, n, mean);
      EXPECT_LT(of_mma, 1);
      EXPECT_GT(of_mma, mean == 2 ? 0.03 : 0.001);  // of one sign, the cuts add up
    }
  }
}

TEST(RoundingErrors, OutputsAreRoundedOnce) {
  const Elementwise step{.dtype = Dtype::bf16};
  EXPECT_EQ(rounding_errors(Operation(step), {}, "sm_80").output, 49 * 0x1p-16 / 3);
  Elementwise wide = step;
  wide.dtype = Dtype::f32;
  EXPECT_EQ(rounding_errors(Operation(wide), {}, "sm_80").output, 0);
  EXPECT_EQ(rounding_errors(Operation(wide), {}, "sm_80").step, 49 * 0x1p-48 / 3);
}

TEST(RoundingErrors, PIsRoundedWhereTheKernelSaysSo) {
  Problem problem = *parse_problem("attn(b=1,hq=1,hkv=1,sq=3,skv=64,d=16)");
  EXPECT_EQ(rounding_errors(problem, {}, "sm_80").probability, 0);
  EXPECT_EQ(rounding_errors(problem, {.probability = Dtype::f16}, "sm_80").probability,
            49 * 0x1p-22 / 3);
  EXPECT_EQ(rounding_errors(problem, {.probability = Dtype::f16}, "sm_80").probability_tiny,
            49 * 0x1p-50 / 3);
}

}  // namespace
}  // namespace attest
