// Rounding of f16 and bf16: conversions, and arithmetic with one rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/round.h"

#include <cstdint>

namespace attest::ptx {

/// The NaN of both formats.
inline constexpr std::uint16_t kNanHalf = 0x7fff;

/// IEEE binary16.
struct F16 {
  using WideProduct = float;  // holds products exactly, with 13 bits and more left for sums
  static constexpr std::uint32_t kInf = 0x7c00;
  static constexpr double kSmallestNormal = 0x1p-14;

  /// Exact; the NaN comes out canonical.
  [[nodiscard]] static float widen(std::uint16_t half) {
    const std::uint32_t size = half & 0x7fffU;
    const std::uint32_t sign = (half & 0x8000U) << 16;
    const float subnormal = static_cast<float>(static_cast<std::int32_t>(size)) * 0x1p-24F;
    const std::uint32_t normal = (size << 13) + (112U << 23);
    const std::uint32_t finite = select(size < 0x0400U, bits_of(subnormal), normal);
    const std::uint32_t signed_bits = sign | select(size >= kInf, 0x7f800000U, finite);
    return f32_of(select(size > kInf, kNanF32, signed_bits));
  }

  /// Magnitude of a finite f32, toward zero or to nearest even; 0x7c00 or more beyond 65504.
  template <bool kNearest>
  [[nodiscard]] static std::uint32_t magnitude(std::uint32_t size) {
    if constexpr (kNearest) {
      // The sum has the lowest bit of the result as its own: 2^-24, or that of 11 bits.
      const std::uint32_t at_least = size >> 23 > 113U ? size >> 23 : 113U;
      const std::uint32_t exponent = at_least < 143U ? at_least : 143U;
      const std::uint32_t large = (exponent + 13U) << 23;
      const std::uint32_t significand = bits_of(f32_of(size) + f32_of(large)) - large;
      return ((exponent - 113U) << 10) + significand;
    } else {
      const bool normal = size >= 0x38800000U;  // 2^-14
      const std::uint32_t gap = 126U - (normal ? 113U : size >> 23);
      const std::uint32_t from = normal ? size - (112U << 23) : (size & 0x7fffffU) | 0x800000U;
      return from >> (gap < 31U ? gap : 31U);
    }
  }
};

/// The upper half of an f32.
struct Bf16 {
  using WideProduct = double;
  static constexpr std::uint32_t kInf = 0x7f80;
  static constexpr double kSmallestNormal = 0x1p-126;

  [[nodiscard]] static float widen(std::uint16_t half) {
    return canonical_nan(f32_of(static_cast<std::uint32_t>(half) << 16));
  }

  template <bool kNearest>
  [[nodiscard]] static std::uint32_t magnitude(std::uint32_t size) {
    return (size + (kNearest ? 0x7fffU + ((size >> 16) & 1U) : 0U)) >> 16;
  }
};

/// f32 to Half in a mode, subnormal results kept; NaN to the canonical NaN.
template <class Half, Rounding kMode>
[[nodiscard]] inline std::uint16_t narrow(float value) {
  const std::uint32_t size = bits_of(value) & 0x7fffffffU;
  const std::uint32_t sign = (bits_of(value) >> 16) & 0x8000U;
  std::uint32_t result = Half::template magnitude<kMode == Rounding::rn>(size);
  if constexpr (kMode == Rounding::rn) {
    result = result < Half::kInf ? result : Half::kInf;
  } else {
    result = result < Half::kInf ? result : Half::kInf - 1U;
    const bool outward = kMode != Rounding::rz && (kMode == Rounding::rm) == (sign != 0);
    const bool inexact = bits_of(Half::widen(static_cast<std::uint16_t>(result))) != size;
    result += (outward & inexact) ? 1U : 0U;
  }
  result = size == 0x7f800000U ? Half::kInf : result;
  return static_cast<std::uint16_t>(size > 0x7f800000U ? kNanHalf : sign | result);
}

/// A value that is exact or rounded to odd, to nearest.
template <class Half>
[[nodiscard]] inline std::uint16_t narrow_exact(float value) {
  return narrow<Half, Rounding::rn>(value);
}
template <class Half>
[[nodiscard]] inline std::uint16_t narrow_exact(double value) {
  return narrow<Half, Rounding::rn>(to_f32_odd(value));
}

/// A subnormal as a zero of its sign.
template <class Half>
[[nodiscard]] inline std::uint16_t flush_half(std::uint16_t half) {
  return static_cast<std::uint16_t>((half & Half::kInf) == 0 ? half & 0x8000U : half);
}
template <class Half, bool kFtz>
[[nodiscard]] inline float operand_half(std::uint16_t half) {
  return Half::widen(kFtz ? flush_half<Half>(half) : half);
}

template <class Half, bool kFtz, class Float>
[[nodiscard]] inline std::uint16_t finish_half(Float exact, std::uint16_t result) {
  const bool tiny = kFtz && std::fabs(exact) < static_cast<Float>(Half::kSmallestNormal);
  return static_cast<std::uint16_t>(tiny ? result & 0x8000U : result);
}

/// {add,mul,fma}.rn: the exact value rounded once. An f32 has more than twice the bits of either
/// format and two more, so that rounding a sum to f32 first changes nothing, and tiny sums are
/// exact; it holds products exactly, except those of bf16 that are below half the least result.
template <class Half, bool kFtz = false>
[[nodiscard]] inline std::uint16_t add_half(std::uint16_t a, std::uint16_t b) {
  const float sum = operand_half<Half, kFtz>(a) + operand_half<Half, kFtz>(b);
  return finish_half<Half, kFtz>(sum, narrow<Half, Rounding::rn>(sum));
}
template <class Half, bool kFtz = false>
[[nodiscard]] inline std::uint16_t mul_half(std::uint16_t a, std::uint16_t b) {
  const float product = operand_half<Half, kFtz>(a) * operand_half<Half, kFtz>(b);
  return finish_half<Half, kFtz>(product, narrow<Half, Rounding::rn>(product));
}
/// Through f32 for f16, whose products are exact there and far from its limits; bf16 needs double.
template <class Half, bool kFtz = false>
[[nodiscard]] inline std::uint16_t fma_half(std::uint16_t a, std::uint16_t b, std::uint16_t c) {
  using Wide = typename Half::WideProduct;
  const Wide product = static_cast<Wide>(operand_half<Half, kFtz>(a)) *
                       static_cast<Wide>(operand_half<Half, kFtz>(b));
  const Wide exact = sum_to_odd(product, static_cast<Wide>(operand_half<Half, kFtz>(c)));
  return finish_half<Half, kFtz>(exact, narrow_exact<Half>(exact));
}

/// As min and max of f32. Widening and narrowing are exact here.
template <class Half, bool kNan = false, bool kFtz = false>
[[nodiscard]] inline std::uint16_t min_half(std::uint16_t a, std::uint16_t b) {
  return narrow<Half, Rounding::rz>(
      min_f32<kNan>(operand_half<Half, kFtz>(a), operand_half<Half, kFtz>(b)));
}
template <class Half, bool kNan = false, bool kFtz = false>
[[nodiscard]] inline std::uint16_t max_half(std::uint16_t a, std::uint16_t b) {
  return narrow<Half, Rounding::rz>(
      max_f32<kNan>(operand_half<Half, kFtz>(a), operand_half<Half, kFtz>(b)));
}

}  // namespace attest::ptx
