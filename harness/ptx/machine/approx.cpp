// The .approx functions: polynomials in double, one rounding to f32, and what moves the result.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/approx.h"

#include "harness/ptx/machine/approx_error.h"
#include "harness/ptx/machine/round.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <immintrin.h>
#include <limits>

namespace attest::ptx {
namespace {

// Each function runs in passes over arrays of one element type, which is what vectorises.
constexpr std::size_t kLanes = 32;
using Doubles = std::array<double, kLanes>;

/// c[0] + c[1] x + .. by Horner. Coefficients are Chebyshev fits in 200-bit arithmetic, rounded to
/// double. A recursion, since a loop inside the loop over lanes would keep that from vectorising.
template <std::size_t first = 0, std::size_t count>
inline double polynomial(const std::array<double, count>& c, double x) {
  if constexpr (first + 1 < count) {
    return std::fma(polynomial<first + 1>(c, x), x, c[first]);
  } else {
    return c[first];
  }
}

/// (2^x - 1) / x on [-1/2, 1/2]; error of the fit 2^-56.
constexpr std::array<double, 11> kExp2 = {0x1.62e42fefa39efp-1,
                                          0x1.ebfbdff82c598p-3,
                                          0x1.c6b08d704a0c2p-5,
                                          0x1.3b2ab6fba1ddap-7,
                                          0x1.5d87fe78a5276p-10,
                                          0x1.430913096fd9fp-13,
                                          0x1.ffcbfc670dcd4p-17,
                                          0x1.62bfd47773353p-20,
                                          0x1.b524fae627834p-24,
                                          0x1.e6063f7217bc6p-28,
                                          0x1.e9d3fe3952179p-32};

/// (2 atanh(s) / s - 2) / (s^2 ln 2) in z = s^2, on [0, 0.0295]; error of the fit 2^-58.
constexpr std::array<double, 8> kLog2 = {0x1.ec709dc3a03fdp-1,
                                         0x1.2776c50ef9c71p-1,
                                         0x1.a61762a7863ffp-2,
                                         0x1.484b1401c7f94p-2,
                                         0x1.0c9a6ec3ee6a0p-2,
                                         0x1.c69ba0c733d1cp-3,
                                         0x1.880b4408a2f65p-3,
                                         0x1.82aab217db0bep-3};

/// 1 / ln 2 in two doubles.
constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLog2ELow = 0x1.777d0ffda0d24p-56;

/// Adding it leaves the nearest integer in the low bits of the double.
constexpr double kRounder = 0x1.8p52;

/// value * 2^n for results that are normal doubles; `biased` is n + kRounder.
inline double scale(double value, double biased) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) +
                               (std::bit_cast<std::uint64_t>(biased) << 52));
}

template <bool kFtz>
inline void widen(const float* in, Doubles& out) {
  for (std::size_t i = 0; i < kLanes; ++i) {
    out[i] = static_cast<double>(operand<kFtz>(in[i]));
  }
}

/// One rounding; .ftz looks at the value before it.
template <bool kFtz>
inline void narrow(Doubles& exact, float* out) {
  if constexpr (kFtz) {
    for (double& value : exact) {
      value = std::fabs(value) < static_cast<double>(kSmallestNormalF32) ? value * 0.0 : value;
    }
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    out[i] = canonical_nan(static_cast<float>(exact[i]));
  }
}

/// 2^x for finite x: a double within 2^-52.7 of it, on the same side of the middle of two f32. The
/// last addition is rounded to odd, in short form, as three inputs need: 2^x of 0x3b429d37,
/// 0xb52d1f9a and 0xbcf3a937 is nearer to such a middle than a double can say.
inline double exp2_of(double x) {
  const double above = x > -150.0 ? x : -160.0;  // 2^-150 itself is a tie, to 0
  const double at = above < 130.0 ? above : 130.0;
  const double biased = at + kRounder;
  const double part = at - (biased - kRounder);
  const double past_one = part * polynomial(kExp2, part);
  const double sum = 1.0 + past_one;
  const double error = past_one - (sum - 1.0);
  const std::uint64_t below = std::bit_cast<std::uint64_t>(error) >> 63;
  const std::uint64_t odd = (std::bit_cast<std::uint64_t>(sum) - below) | 1U;
  return scale(std::bit_cast<double>(odd), biased);
}

#if defined(__AVX512F__)

/// 2^(i / 16).
alignas(64) constexpr std::array<double, 16> kSixteenths = {0x1.0000000000000p+0,
                                                            0x1.0b5586cf9890fp+0,
                                                            0x1.172b83c7d517bp+0,
                                                            0x1.2387a6e756238p+0,
                                                            0x1.306fe0a31b715p+0,
                                                            0x1.3dea64c123422p+0,
                                                            0x1.4bfdad5362a27p+0,
                                                            0x1.5ab07dd485429p+0,
                                                            0x1.6a09e667f3bcdp+0,
                                                            0x1.7a11473eb0187p+0,
                                                            0x1.8ace5422aa0dbp+0,
                                                            0x1.9c49182a3f090p+0,
                                                            0x1.ae89f995ad3adp+0,
                                                            0x1.c199bdd85529cp+0,
                                                            0x1.d5818dcfba487p+0,
                                                            0x1.ea4afa2a490dap+0};

/// (ln 2)^n / n! from n = 1; on |r| <= 1/32 the next term of 2^r is below 2^-42.
constexpr std::array<double, 5> kTaylor = {0x1.62e42fefa39efp-1,
                                           0x1.ebfbdff82c58fp-3,
                                           0x1.c6b08d704a0c0p-5,
                                           0x1.3b2ab6fba4e77p-7,
                                           0x1.5d87fe78a6731p-10};

/// 2^x of a row by a table of sixteenths and a short polynomial. False, and nothing is written, when
/// a result may not be the nearest f32: 2^x is subnormal or Inf, or the double, within 2^-42 of it
/// relatively, lies that near to the middle of two f32.
bool ex2_by_table(const float* in, float* out) {
  constexpr long long kHalfUlp = 1LL << 28;  // of f32, in the low bits of a double
  constexpr long long kDoubt = 1LL << 12;    // 2^-40 of the value or less
  const __m512 x[2] = {_mm512_loadu_ps(in), _mm512_loadu_ps(in + 16)};
  const __m512 least = _mm512_set1_ps(-125.0F);
  __mmask16 is_zero[2];
  for (int n = 0; n < 2; ++n) {
    is_zero[n] = _mm512_cmp_ps_mask(x[n], _mm512_set1_ps(-151.0F), _CMP_LE_OQ);
    const __mmask16 is_normal = _mm512_cmp_ps_mask(x[n], least, _CMP_GE_OQ) &
                                _mm512_cmp_ps_mask(x[n], _mm512_set1_ps(127.0F), _CMP_LE_OQ);
    if ((is_zero[n] | is_normal) != 0xffff) return false;
  }
  const __m512d low = _mm512_load_pd(kSixteenths.data());
  const __m512d high = _mm512_load_pd(kSixteenths.data() + 8);
  const __m512d rounder = _mm512_set1_pd(0x1.8p48);
  __m256 power[4];
  __mmask8 is_doubtful = 0;
  for (int n = 0; n < 4; ++n) {
    const __m512 clamped = _mm512_max_ps(x[n / 2], least);
    const __m256 part =
        n % 2 == 0 ? _mm512_castps512_ps256(clamped)
                   : _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(clamped), 1));
    const __m512d wide = _mm512_cvtps_pd(part);
    const __m512d sixteenths = _mm512_add_pd(wide, rounder);
    const __m512d r = _mm512_sub_pd(wide, _mm512_sub_pd(sixteenths, rounder));
    const __m512i at = _mm512_castpd_si512(sixteenths);
    const __m512d t = _mm512_permutex2var_pd(low, at, high);
    __m512d sum = _mm512_set1_pd(kTaylor.back());
    for (std::size_t c = kTaylor.size() - 1; c-- > 0;)
      sum = _mm512_fmadd_pd(sum, r, _mm512_set1_pd(kTaylor[c]));
    const __m512d value = _mm512_fmadd_pd(_mm512_mul_pd(t, r), sum, t);
    const __m512i exponent = _mm512_slli_epi64(_mm512_srli_epi64(at, 4), 52);
    const __m512i bits = _mm512_add_epi64(_mm512_castpd_si512(value), exponent);
    const __m512i below = _mm512_and_si512(bits, _mm512_set1_epi64(2 * kHalfUlp - 1));
    const __m512i from = _mm512_sub_epi64(below, _mm512_set1_epi64(kHalfUlp - kDoubt));
    is_doubtful |= _mm512_cmplt_epu64_mask(from, _mm512_set1_epi64(2 * kDoubt));
    power[n] = _mm512_cvtpd_ps(_mm512_castsi512_pd(bits));
  }
  if (is_doubtful != 0) return false;
  for (int n = 0; n < 2; ++n) {
    const __m512d both = _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_castps_pd(power[2 * n])),
                                            _mm256_castps_pd(power[2 * n + 1]),
                                            1);
    _mm512_storeu_ps(
        out + 16 * n,
        _mm512_maskz_mov_ps(static_cast<__mmask16>(~is_zero[n]), _mm512_castpd_ps(both)));
  }
  return true;
}

#else

bool ex2_by_table(const float*, float*) {
  return false;
}

#endif

template <bool kFtz>
void ex2(const float* in, float* out, ApproxMode mode) {
  if (mode == ApproxMode::nearest && ex2_by_table(in, out)) return;
  const RowMover<Ex2F32Error, kFtz> mover(in, mode);
  Doubles x;
  widen<kFtz>(in, x);
  for (double& value : x) {
    const double power = exp2_of(value);
    value = value != value ? value : power;
  }
  narrow<kFtz>(x, out);
  mover.move(x.data(), out);
}

/// log2 of a positive finite double, rounded to odd from an error below 2^-58 (|result| + 2^-3).
inline double log2_of(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  // Exponent counted from sqrt(1/2): the significand m is in [sqrt(1/2), sqrt(2)).
  constexpr std::uint64_t kRootHalf = 0x3fe6a09e667f3bcdU;
  const std::uint64_t past = bits - kRootHalf;
  const double exponent = std::bit_cast<double>((past >> 52) + 0x4330000000000000U) - 0x1p52;
  const double whole = exponent > 1024.0 ? exponent - 4096.0 : exponent;  // 12-bit two's complement
  const double m = std::bit_cast<double>((past & 0x000fffffffffffffU) + kRootHalf);
  const double inverse = 1.0 / (m + 1.0);
  const double s = (m - 1.0) * inverse;
  const double s_low = std::fma(-s, m + 1.0, m - 1.0) * inverse;
  const double head = s * (2 * kLog2E);
  const double head_low = std::fma(s, 2 * kLog2E, -head);
  const double z = s * s;
  const double tail = std::fma(
      s, std::fma(z, polynomial(kLog2, z), 2 * kLog2ELow), std::fma(s_low, 2 * kLog2E, head_low));
  const double first = whole + head;                    // |whole| >= 1 > |head|, or whole = 0
  const double rest = (head - (first - whole)) + tail;  // the first difference is exact
  return sum_to_odd(first, rest);
}

template <bool kFtz>
void lg2(const float* in, float* out, ApproxMode mode) {
  const RowMover<Lg2F32Error, kFtz> mover(in, mode);
  Doubles x;
  Doubles found;
  widen<kFtz>(in, x);
  for (std::size_t i = 0; i < kLanes; ++i) {
    found[i] = log2_of(x[i]);
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    const double positive = x[i] < kInf ? found[i] : x[i];  // or +Inf, or NaN
    const double other = x[i] < 0 ? kInf - kInf : -kInf;
    x[i] = x[i] <= 0 ? other : positive;
  }
  narrow<false>(x, out);
  mover.move(x.data(), out);
}

template <bool kFtz>
void rcp(const float* in, float* out, ApproxMode mode) {
  const RowMover<RcpF32Error, kFtz> mover(in, mode);
  Doubles x;
  widen<kFtz>(in, x);
  for (double& value : x) {
    value = 1.0 / value;
  }
  narrow<kFtz>(x, out);
  mover.move(x.data(), out);
}

template <bool kFtz>
void rsqrt(const float* in, float* out, ApproxMode mode) {
  const RowMover<RsqrtF32Error, kFtz> mover(in, mode);
  Doubles x;
  widen<kFtz>(in, x);
  for (double& value : x) {
    value = 1.0 / std::sqrt(value);
  }
  narrow<kFtz>(x, out);
  mover.move(x.data(), out);
}

template <bool kFtz>
void sqrt(const float* in, float* out, ApproxMode mode) {
  const RowMover<SqrtF32Error, kFtz> mover(in, mode);
  Doubles x;
  widen<kFtz>(in, x);
  for (double& value : x) {
    value = std::sqrt(value);
  }
  narrow<kFtz>(x, out);
  mover.move(x.data(), out);
}

/// tanh(x) = E / (E + 2) with E = 2^(2x / ln 2) - 1, for x >= 0. Relative error below 2^-51.
inline double tanh_of(double x) {
  const double twice = 2.0 * (x < 20.0 ? x : 20.0);
  const double head = twice * kLog2E;
  const double low = std::fma(twice, kLog2E, -head);
  const double biased = head + kRounder;
  const double part = (head - (biased - kRounder)) + low;
  const double power = scale(1.0, biased);
  const double less_one = std::fma(power, part * polynomial(kExp2, part), power - 1.0);
  return less_one / (less_one + 2.0);
}

}  // namespace

void ex2_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? ex2<true>(in, out, mode) : ex2<false>(in, out, mode);
}
void lg2_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? lg2<true>(in, out, mode) : lg2<false>(in, out, mode);
}
void rcp_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? rcp<true>(in, out, mode) : rcp<false>(in, out, mode);
}
void rsqrt_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? rsqrt<true>(in, out, mode) : rsqrt<false>(in, out, mode);
}
void sqrt_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? sqrt<true>(in, out, mode) : sqrt<false>(in, out, mode);
}

void tanh_32(const float* in, float* out, ApproxMode mode) {
  const RowMover<TanhF32Error, false> mover(in, mode);
  Doubles x;
  widen<false>(in, x);
  for (double& value : x) {
    const double size = tanh_of(std::fabs(value));
    value = value != value ? value : std::copysign(size, value);
  }
  narrow<false>(x, out);
  mover.move(x.data(), out);
}

}  // namespace attest::ptx
