// The documented error of each .approx function, and the range that its results stay in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/approx_move.h"

#include <cmath>
#include <limits>
#include <type_traits>

namespace attest::ptx {

/// Source  PTX ISA 9.1, 9.7.3.8 (div), 9.7.3.13 to 9.7.3.22, 9.7.4.9 (tanh), 9.7.4.10 (ex2).
/// An error is of the exact value, except that of ex2.f32, which the manual states of the correctly
/// rounded one. Powers of two are rounded down. Results keep their sign where the error is relative
/// and stay in the range of the function; zeros, Inf and NaN are the manual's own.

/// Exact values are known to 2^-50 of themselves; what they may be off by is taken from the error.
inline constexpr double kOfError = 1 - 0x1p-20;
inline constexpr float kLargestF32 = std::numeric_limits<float>::max();

/// Any size, of the sign of `nearest`.
[[nodiscard]] inline Allowed same_sign(float nearest, double centre, double error) {
  return nearest < 0 ? Allowed{centre, error, -kLargestF32, -0.0F}
                     : Allowed{centre, error, 0.0F, kLargestF32};
}
[[nodiscard]] inline Allowed relative_error(float nearest, double exact, double error) {
  return same_sign(nearest, exact, error * kOfError * std::fabs(exact));
}
[[nodiscard]] inline Allowed ulp_error(float nearest, double exact, double ulps) {
  return same_sign(nearest, exact, ulps * kOfError * ulp_f32(exact));
}

/// 2 ulp; at most 1 for x <= 0, and 1 at 0.
struct Ex2F32Error {
  static constexpr std::uint32_t kTag = 1;
  static Allowed allowed(float x, float nearest, double /*exact*/) {
    const auto centre = static_cast<double>(nearest);
    const double error = x == 0 ? 0 : 2 * ulp_f32(centre);
    return {centre, error, 0.0F, x < 0 ? 1.0F : kLargestF32};
  }
};

/// 2^-22 absolute for x in (0.5, 2), relative elsewhere.
struct Lg2F32Error {
  static constexpr std::uint32_t kTag = 2;
  static Allowed allowed(float x, float /*nearest*/, double exact) {
    const bool is_near_one = x > 0.5F && x < 2.0F;
    return {exact, 0x1p-22 * kOfError * (is_near_one ? 1.0 : std::fabs(exact))};
  }
};

struct RcpF32Error {
  static constexpr std::uint32_t kTag = 3;
  static Allowed allowed(float /*x*/, float nearest, double exact) {
    return ulp_error(nearest, exact, 1);
  }
};

/// 2^-22.9
struct RsqrtF32Error {
  static constexpr std::uint32_t kTag = 4;
  static Allowed allowed(float /*x*/, float nearest, double exact) {
    return relative_error(nearest, exact, 0x1.125fbep-23);
  }
};

struct SqrtF32Error {
  static constexpr std::uint32_t kTag = 5;
  static Allowed allowed(float /*x*/, float nearest, double exact) {
    return relative_error(nearest, exact, 0x1p-23);
  }
};

/// 2^-11; subnormal operands are passed through.
struct TanhF32Error {
  static constexpr std::uint32_t kTag = 6;
  static Allowed allowed(float x, float nearest, double exact) {
    const bool is_subnormal = std::fabs(x) < kSmallestNormalF32;
    Allowed out = relative_error(nearest, exact, is_subnormal ? 0.0 : 0x1p-11);
    out.least = std::max(out.least, -1.0F);
    out.most = std::min(out.most, 1.0F);
    return out;
  }
};

/// 2^-20.5 in [-2 pi, 2 pi], 2^-14.7 in [-100 pi, 100 pi], nothing stated beyond: the correctly
/// rounded value there. The f32 limits are those just inside.
template <std::uint32_t kOwnTag>
struct SineF32Error {
  static constexpr std::uint32_t kTag = kOwnTag;
  static Allowed allowed(float x, float /*nearest*/, double exact) {
    constexpr float kTurn = 0x1.921fb4p+2F;
    constexpr float kFiftyTurns = 0x1.3a28c4p+8F;
    const float size = std::fabs(x);
    const double error = size <= kTurn ? 0x1.6a09e6p-21 : size <= kFiftyTurns ? 0x1.3b2c46p-15 : 0;
    return {exact, x == 0 ? 0 : error * kOfError, -1.0F, 1.0F};
  }
};
using SinF32Error = SineF32Error<7>;
using CosF32Error = SineF32Error<8>;

inline constexpr std::uint32_t kDivTag = 9;

/// Half types start from the f32 that is nearest to the exact value.
inline constexpr double kOfHalfError = 1 - 0x1p-10;

/// 2^-9.9 of f16 and 2^-7 of bf16, relative.
template <class Half>
struct Ex2HalfError {
  static constexpr std::uint32_t kTag = 10;
  static Allowed allowed(float x, float exact) {
    constexpr bool kIsF16 = std::is_same_v<Half, F16>;
    constexpr double kError = kIsF16 ? 0x1.125fbep-10 : 0x1p-7;
    const auto centre = static_cast<double>(exact);
    const double error = x == 0 ? 0 : kError * kOfHalfError * centre;
    // bf16 is flushed: no subnormal result instead of a normal one.
    return {centre, error, kIsF16 ? 0.0F : kSmallestNormalF32, x < 0 ? 1.0F : kLargestF32};
  }
};

/// 2^-10.987 of f16 and 2^-8 of bf16, absolute.
template <class Half>
struct TanhHalfError {
  static constexpr std::uint32_t kTag = 11;
  static Allowed allowed(float x, float exact) {
    constexpr double kError = std::is_same_v<Half, F16> ? 0x1.025134p-11 : 0x1p-8;
    const bool has_limit = x == 0 || is_special(x);
    return {static_cast<double>(exact), has_limit ? 0 : kError * kOfHalfError, -1.0F, 1.0F};
  }
};

}  // namespace attest::ptx
