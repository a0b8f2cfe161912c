// exp, log and tanh against the long double library, their functional equations and their exact values.
// SPDX-License-Identifier: Apache-2.0
#include "reference/elementary.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr int kPoints = 200000;
// expl and logl are within an ulp of 2^-63, which is 2^-11 of a double's.
constexpr double kLibraryUlps = 0x1p-11;

double uniform(std::uint64_t stream, int index, double low, double high) {
  const std::uint64_t bits = random_bits(1, stream, static_cast<std::uint64_t>(index));
  return low + (high - low) * (static_cast<double>(bits >> 11) * 0x1p-53);
}

double ulps_off(double got, long double exact) {
  int exponent = 0;
  std::frexp(static_cast<double>(exact), &exponent);
  const long double ulp = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / ulp);
}

TEST(Elementary, ExpIsWithinItsUlps) {
  const double ranges[][2] = {{-1, 1}, {-0.4, 0.4}, {-20, 20}, {-708, 709}, {-745, -707}};
  std::uint64_t stream = 0;
  for (const auto& range : ranges) {
    double worst = 0;
    ++stream;
    for (int i = 0; i < kPoints; ++i) {
      const double x = uniform(stream, i, range[0], range[1]);
      worst = std::max(worst, ulps_off(natural_exp(x), std::exp(static_cast<long double>(x))));
    }
    EXPECT_LE(worst, kExpUlps + kLibraryUlps) << range[0] << ".." << range[1];
    EXPECT_GT(worst, 0.5) << "a correctly rounded exp would be suspect here";
  }
}

TEST(Elementary, LogIsWithinItsUlps) {
  const double ranges[][2] = {{1, 2}, {0.5, 1}, {0.999, 1.001}, {1, 4096}, {1e-300, 1e300}};
  std::uint64_t stream = 100;
  for (const auto& range : ranges) {
    double worst = 0;
    ++stream;
    for (int i = 0; i < kPoints; ++i) {
      const double x = uniform(stream, i, range[0], range[1]);
      worst = std::max(worst, ulps_off(natural_log(x), std::log(static_cast<long double>(x))));
    }
    EXPECT_LE(worst, kLogUlps + kLibraryUlps) << range[0] << ".." << range[1];
  }
}

TEST(Elementary, TanhIsWithinItsUlps) {
  const double ranges[][2] = {{-1e-3, 1e-3}, {-0.5, 0.5}, {-3, 3}, {15, 25}, {1e-320, 1e-300}};
  std::uint64_t stream = 400;
  double worst = 0;
  for (const auto& range : ranges) {
    ++stream;
    for (int i = 0; i < kPoints; ++i) {
      const double x = uniform(stream, i, range[0], range[1]);
      const double off = ulps_off(hyperbolic_tangent(x), std::tanh(static_cast<long double>(x)));
      worst = std::max(worst, off);
      ASSERT_LE(off, kTanhUlps + kLibraryUlps) << x;
      ASSERT_EQ(hyperbolic_tangent(-x), -hyperbolic_tangent(x)) << x;
    }
  }
  EXPECT_GT(worst, 1) << "a better tanh would be suspect here";
}

TEST(Elementary, ExactValues) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(natural_exp(0.0), 1.0);
  EXPECT_EQ(natural_exp(-0.0), 1.0);
  EXPECT_EQ(natural_exp(-inf), 0.0);
  EXPECT_EQ(natural_exp(-746.0), 0.0);
  EXPECT_EQ(natural_exp(-1e300), 0.0);
  EXPECT_EQ(natural_exp(inf), inf);
  EXPECT_EQ(natural_exp(710.0), inf);
  EXPECT_TRUE(std::isnan(natural_exp(nan)));
  EXPECT_EQ(natural_exp(-745.0), std::numeric_limits<double>::denorm_min());  // 2^-1074.8
  EXPECT_EQ(hyperbolic_tangent(0.0), 0.0);
  EXPECT_TRUE(std::signbit(hyperbolic_tangent(-0.0)));
  EXPECT_EQ(hyperbolic_tangent(-inf), -1.0);
  EXPECT_EQ(hyperbolic_tangent(1e300), 1.0);
  EXPECT_TRUE(std::isnan(hyperbolic_tangent(nan)));
  EXPECT_EQ(hyperbolic_tangent(std::numeric_limits<double>::denorm_min()),
            std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(natural_log(1.0), 0.0);
  EXPECT_FALSE(std::signbit(natural_log(1.0)));
  for (const double bad : {0.0, -1.0, inf, nan}) {
    EXPECT_TRUE(std::isnan(natural_log(bad))) << bad;
  }
}

// a, b and a + b are exact, so e^(a+b) and e^a e^b differ by three errors of exp and one rounding.
TEST(Elementary, ExpOfASumIsAProduct) {
  constexpr double kRelative = 3 * kExpUlps * 0x1p-52 + 0x1p-53;
  constexpr double kSecondOrder = 1 + 0x1p-40;
  for (int i = 0; i < kPoints; ++i) {
    const double a = std::round(uniform(200, i, -300, 300) * 1024) / 1024;
    const double b = std::round(uniform(201, i, -300, 300) * 1024) / 1024;
    const double product = natural_exp(a) * natural_exp(b);
    ASSERT_LE(std::fabs(natural_exp(a + b) - product), product * kRelative * kSecondOrder)
        << a << ' ' << b;
  }
}

// ln 2 to 64 bits; a power of two is k ln 2, rounded once to get here and within one ulp.
TEST(Elementary, LogOfPowersOfTwo) {
  const long double ln2 = 0xb.17217f7d1cf79abp-4L;
  for (int k = -1022; k <= 1023; ++k) {
    const double x = std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
    EXPECT_LE(ulps_off(natural_log(x), k * ln2), kLogUlps + kLibraryUlps) << k;
  }
}

TEST(Elementary, ArraysHaveTheBitsOfSingleValues) {
  std::vector<double> x;
  for (int i = 0; i < 1003; ++i) {
    x.push_back(uniform(300, i, -760, 20));
  }
  std::vector<double> out(x.size());
  natural_exp(x.data(), out.data(), x.size());
  std::vector<double> in_place = x;
  natural_exp(in_place.data(), in_place.data(), in_place.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(out[i]),
              std::bit_cast<std::uint64_t>(natural_exp(x[i])));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(in_place[i]), std::bit_cast<std::uint64_t>(out[i]));
  }
}

}  // namespace
}  // namespace attest
