// Rounding of f32: modes, subnormals, saturation, NaN, minimum and maximum.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace attest::ptx {

/// Everything here is per lane and without branches, so that a loop over 32 lanes vectorises. It
/// wants the default MXCSR (to nearest, no FTZ, no DAZ) and -ffp-contract=off. Every result that is
/// NaN is canonical. `kFtz` flushes subnormal operands, and results whose exact value is below the
/// smallest normal (tininess before rounding), to a zero of their sign.
/// Source  PTX ISA 9.0, 9.7.3 and 9.7.4; for tininess rcp.rm.ftz(-0x1.000002p126) = -0 on hardware.
enum class Rounding : std::uint8_t { rn, rz, rm, rp };

inline constexpr std::uint32_t kNanF32 = 0x7fffffffU;
inline constexpr float kSmallestNormalF32 = 0x1p-126F;

[[nodiscard]] inline std::uint32_t bits_of(float value) {
  return std::bit_cast<std::uint32_t>(value);
}
[[nodiscard]] inline float f32_of(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

/// `a` where the condition holds, else `b`; GCC makes branches of some conditional expressions.
[[nodiscard]] inline std::uint32_t select(bool condition, std::uint32_t a, std::uint32_t b) {
  const std::uint32_t mask = 0U - static_cast<std::uint32_t>(condition);
  return (a & mask) | (b & ~mask);
}

[[nodiscard]] inline float canonical_nan(float value) {
  return value == value ? value : f32_of(kNanF32);
}

/// A subnormal as a zero of its sign.
[[nodiscard]] inline float flush(float value) {
  const std::uint32_t bits = bits_of(value);
  return f32_of((bits & 0x7f800000U) == 0 ? bits & 0x80000000U : bits);
}
template <bool kFtz>
[[nodiscard]] inline float operand(float value) {
  return kFtz ? flush(value) : value;
}

/// .sat: to [0, 1]; NaN and -0 to +0.
[[nodiscard]] inline float saturate(float value) {
  const float below_one = value < 1.0F ? value : 1.0F;
  return value > 0.0F ? below_one : 0.0F;
}

/// .relu: negative values and -0 to +0.
[[nodiscard]] inline float relu(float value) {
  return canonical_nan(value <= 0.0F ? 0.0F : value);
}

/// `nearest` moved to the odd one of the two doubles around an exact value, of which it is the
/// nearest and `error` has the sign of (exact - nearest). Rounding that once more, in any mode, to
/// at most 51 bits is rounding the exact value.
/// Source  Boldo and Melquiond, IEEE Trans. Computers 57 (2008): rounding to odd.
[[nodiscard]] inline double to_odd(double nearest, double error) {
  const auto bits = std::bit_cast<std::uint64_t>(nearest);
  // 1 where the exact value is nearer to zero.
  const std::uint64_t sign = (bits ^ std::bit_cast<std::uint64_t>(error)) >> 63;
  const std::uint64_t step = std::fabs(error) > 0 ? 1 - 2 * sign : 0;  // 0 for the NaN beside Inf
  return std::bit_cast<double>(bits + ((bits & 1) == 0 ? step : 0));
}

[[nodiscard]] inline float to_odd(float nearest, float error) {
  const std::uint32_t bits = bits_of(nearest);
  const std::uint32_t sign = (bits ^ bits_of(error)) >> 31;
  const std::uint32_t step = std::fabs(error) > 0 ? 1 - 2 * sign : 0;
  return f32_of(bits + ((bits & 1) == 0 ? step : 0));
}

/// x + y, rounded to odd.
template <class Float>
[[nodiscard]] inline Float sum_to_odd(Float x, Float y) {
  const Float sum = x + y;
  const Float y_part = sum - x;
  const Float x_part = sum - y_part;
  return to_odd(sum, (x - x_part) + (y - y_part));
}

/// A double that is exact or rounded to odd, as f32; Inf on overflow only where the mode says so.
template <Rounding kMode>
[[nodiscard]] inline float to_f32(double value) {
  const auto nearest = static_cast<float>(value);
  if constexpr (kMode == Rounding::rn) {
    return nearest;
  }
  const double size = std::fabs(value);
  const auto got = static_cast<double>(f32_of(bits_of(nearest) & 0x7fffffffU));
  const std::uint32_t down = got > size ? 1 : 0;
  const std::uint32_t up = got < size ? 1 : 0;
  const bool inward = kMode == Rounding::rz || (kMode == Rounding::rm ? value > 0 : value < 0);
  return f32_of(inward ? bits_of(nearest) - down : bits_of(nearest) + up);
}

/// As to_f32, to the odd one of the neighbours: the step before a rounding to 22 bits or fewer.
[[nodiscard]] inline float to_f32_odd(double value) {
  const float inward = to_f32<Rounding::rz>(value);
  const bool inexact =
      (static_cast<double>(inward) < value) | (static_cast<double>(inward) > value);
  return f32_of(bits_of(inward) | (inexact ? 1U : 0U));
}

/// The last steps of every operation, from the exact value (or that rounded to odd) and the result.
template <bool kFtz>
[[nodiscard]] inline float finish(double exact, float result) {
  const float zero = f32_of(bits_of(result) & 0x80000000U);
  const bool tiny = kFtz && std::fabs(exact) < static_cast<double>(kSmallestNormalF32);
  return canonical_nan(tiny ? zero : result);
}

/// x + y for exact x and y; an exact zero from terms that are not both +0 is -0 toward -Inf.
template <Rounding kMode, bool kFtz>
[[nodiscard]] inline float round_sum(double x, double y) {
  const double exact = sum_to_odd(x, y);
  float result = to_f32<kMode>(exact);
  if constexpr (kMode == Rounding::rm) {
    const bool plus = (std::bit_cast<std::uint64_t>(x) | std::bit_cast<std::uint64_t>(y)) == 0;
    result = ((exact == 0) & !plus) ? -0.0F : result;
  }
  return finish<kFtz>(exact, result);
}

template <Rounding kMode, bool kFtz = false>
[[nodiscard]] inline float add_f32(float a, float b) {
  a = operand<kFtz>(a);
  b = operand<kFtz>(b);
  if constexpr (kMode == Rounding::rn) {
    return canonical_nan(operand<kFtz>(a + b));  // a tiny sum is exact
  }
  return round_sum<kMode, kFtz>(a, b);
}

template <Rounding kMode, bool kFtz = false>
[[nodiscard]] inline float mul_f32(float a, float b) {
  a = operand<kFtz>(a);
  b = operand<kFtz>(b);
  if constexpr (kMode == Rounding::rn && !kFtz) {
    return canonical_nan(a * b);
  }
  const double exact = static_cast<double>(a) * static_cast<double>(b);
  return finish<kFtz>(exact, to_f32<kMode>(exact));
}

/// a * b + c with one rounding.
template <Rounding kMode, bool kFtz = false>
[[nodiscard]] inline float fma_f32(float a, float b, float c) {
  a = operand<kFtz>(a);
  b = operand<kFtz>(b);
  c = operand<kFtz>(c);
  if constexpr (kMode == Rounding::rn && !kFtz) {
    return canonical_nan(std::fma(a, b, c));
  }
  return round_sum<kMode, kFtz>(static_cast<double>(a) * static_cast<double>(b), c);
}

template <Rounding kMode, bool kFtz = false>
[[nodiscard]] inline float div_f32(float a, float b) {
  if constexpr (kMode == Rounding::rn && !kFtz) {
    return canonical_nan(a / b);
  }
  const double x = operand<kFtz>(a);
  const double y = operand<kFtz>(b);
  const double quotient = x / y;
  const double rest = std::fma(-quotient, y, x);
  const double exact = to_odd(quotient, y < 0 ? -rest : rest);
  return finish<kFtz>(exact, to_f32<kMode>(exact));
}

template <Rounding kMode, bool kFtz = false>
[[nodiscard]] inline float sqrt_f32(float a) {
  if constexpr (kMode == Rounding::rn && !kFtz) {
    return canonical_nan(std::sqrt(a));
  }
  const double x = operand<kFtz>(a);
  const double root = std::sqrt(x);
  const double exact = to_odd(root, std::fma(-root, root, x));
  return finish<kFtz>(exact, to_f32<kMode>(exact));
}

/// min.f32 and max.f32: -0 is less than +0; a NaN loses against a number, but wins with kNan
/// (.NaN).
template <bool kNan = false, bool kFtz = false>
[[nodiscard]] inline float min_f32(float a, float b) {
  a = operand<kFtz>(a);
  b = operand<kFtz>(b);
  const float equal = f32_of(bits_of(a) | bits_of(b));  // two zeros, or two equal numbers
  float least = a < b ? a : b < a ? b : equal;
  least = a != a ? b : b != b ? a : least;
  const bool nan = kNan ? (a != a) | (b != b) : (a != a) & (b != b);
  return nan ? f32_of(kNanF32) : least;
}
template <bool kNan = false, bool kFtz = false>
[[nodiscard]] inline float max_f32(float a, float b) {
  a = operand<kFtz>(a);
  b = operand<kFtz>(b);
  const float equal = f32_of(bits_of(a) & bits_of(b));
  float most = a > b ? a : b > a ? b : equal;
  most = a != a ? b : b != b ? a : most;
  const bool nan = kNan ? (a != a) | (b != b) : (a != a) & (b != b);
  return nan ? f32_of(kNanF32) : most;
}

}  // namespace attest::ptx
