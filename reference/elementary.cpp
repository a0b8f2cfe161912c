// exp, log and tanh by argument reduction and Taylor series, without libm.
// SPDX-License-Identifier: Apache-2.0
#include "reference/elementary.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace attest {
namespace {

// ln 2 = 0x1.62e42fefa39ef35793c7673..p-1. The high part has 32 significant bits, so that k *
// kLn2High is exact for |k| < 2^21; the low part is the rest, rounded to double (relative error
// 2^-54, that is 2^-86 absolute).
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kOneOverLn2 = 0x1.71547652b82fep+0;
// Adding 1.5 * 2^52 rounds |x| < 2^51 to an integer, which then sits in the low bits.
constexpr double kRoundToInteger = 0x1.8p+52;

// The double 2^k for -1022 <= k <= 1023, k in two's complement.
inline double power_of_two(std::uint64_t k) {
  return std::bit_cast<double>((k + 1023) << 52);
}

// (e^r - 1 - r) / r^2 to r^11.
inline double exp_series(double r) {
  double q = 1.0 / 6227020800.0;  // 13!
  q = q * r + 1.0 / 479001600.0;
  q = q * r + 1.0 / 39916800.0;
  q = q * r + 1.0 / 3628800.0;
  q = q * r + 1.0 / 362880.0;
  q = q * r + 1.0 / 40320.0;
  q = q * r + 1.0 / 5040.0;
  q = q * r + 1.0 / 720.0;
  q = q * r + 1.0 / 120.0;
  q = q * r + 1.0 / 24.0;
  q = q * r + 1.0 / 6.0;
  q = q * r + 1.0 / 2.0;
  return q;
}

// e^x = 2^k e^r with k = round(x / ln 2) and r = x - k ln 2, |r| < 0.347.
//   r      x - k High is exact; k Low is kept apart from it until the end.
//   series sum_{n<=13} r^n / n!; the next terms are below 0.347^14 / 14! * 1.03 < 2^-57.
//   error  rounding `y` 2^-55, the tail added to it 2^-57, the series 2^-57, the last addition half
//          an ulp: with a result of at least 0.707 (ulp 2^-53) less than 0.9 ulp.
//   scale  in two steps, so that a subnormal result is rounded once more only (half its ulp, and
//   the
//          0.9 ulp of before is then below 0.45 of that).
inline double exp_of(double x) {
  // Beyond these ends the result is 0 or Inf anyway. A NaN passes through both.
  x = x < -746.0 ? -746.0 : x;
  x = x > 710.0 ? 710.0 : x;
  const double shifted = x * kOneOverLn2 + kRoundToInteger;
  const std::uint64_t k =
      std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(kRoundToInteger);
  const double k_value = shifted - kRoundToInteger;
  const double high = x - k_value * kLn2High;
  const double low = k_value * kLn2Low;
  const double r = high - low;
  const double y = high + (r * r * exp_series(r) - low);
  const std::uint64_t half = ((k + 2048) >> 1) - 1024;  // floor(k / 2) for k >= -2048
  return (1.0 + y) * power_of_two(half) * power_of_two(k - half);
}

}  // namespace

double natural_exp(double x) {
  return exp_of(x);
}

void natural_exp(const double* x, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = exp_of(x[i]);
  }
}

// ln x = k ln 2 + ln(1 + f) with 1 + f in [0.707, 1.415]; with s = f / (2 + f), |s| < 0.172:
//   ln(1 + f) = 2 atanh s = 2s + s R,  R = 2 sum_{n>=1} s^2n / (2n+1),  and 2s = f - s f, so that
//   ln(1 + f) = f - s (f - R): f is exact and the correction is at most a quarter of it.
//   series up to n = 10; the rest is below 2 * 0.0295^11 / 23 < 2^-59 of s.
//   error  for k = 0: the correction's own roundings are below a quarter ulp, the last subtraction
//          half an ulp. For k != 0 the result is at least 0.346 and k High exact: the sum of the
//          small parts rounds at 2^-54 or less, the last addition half an ulp.
double natural_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  if (!(x >= std::numeric_limits<double>::min() && x <= std::numeric_limits<double>::max())) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  auto k = static_cast<std::int64_t>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 0x1.6a09e667f3bcdp+0) {  // sqrt 2
    mantissa *= 0.5;
    ++k;
  }
  const double f = mantissa - 1.0;
  const double s = f / (2.0 + f);
  const double s2 = s * s;
  double r = 2.0 / 21.0;
  for (double odd = 19.0; odd >= 3.0; odd -= 2.0) {
    r = r * s2 + 2.0 / odd;
  }
  r *= s2;
  const auto k_value = static_cast<double>(k);
  return k_value * kLn2High + (f - (s * (f - r) - k_value * kLn2Low));
}

// tanh |x| = -t / (2 + t) with t = e^z - 1, z = -2|x|; the sign is that of x.
//   t      y = e^r - 1 as for exp, and t = 2^k y + (2^k - 1), where the bracket is exact.
//   error  in units of 2^-53, relative. y is off by 2.1: its last addition 1, and the terms before it,
//          of at most a quarter of y, about 4 roundings. k = 0: t is y. Else |t| >= 0.293 and 2^k |y| <=
//          0.21, so t is off by 0.21 * 2.1 / |t| + 1. An error of t is one of t / (2 + t) times
//          2 / (2 + t), which is 1.17 at t = -0.293 and 2 at -1, where only the last addition of t is
//          left: at most 2.9. The sum 2 + t and the quotient add 1 each.
double hyperbolic_tangent(double x) {
  double z = -2 * std::fabs(x);
  z = z < -60.0 ? -60.0 : z;  // e^-60 is nothing beside 1
  const double shifted = z * kOneOverLn2 + kRoundToInteger;
  const std::uint64_t k =
      std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(kRoundToInteger);
  const double k_value = shifted - kRoundToInteger;
  const double high = z - k_value * kLn2High;
  const double low = k_value * kLn2Low;
  const double r = high - low;
  const double y = high + (r * r * exp_series(r) - low);
  const double power = power_of_two(k);
  const double t = power * y + (power - 1.0);
  return std::copysign(-t / (2.0 + t), x);
}

}  // namespace attest
