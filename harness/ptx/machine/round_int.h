// Between floating point and integers: rounding to integral values, clamping, NaN.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/round.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace attest::ptx {

/// cvt.{rni,rzi,rmi,rpi} between equal floating types: an integral value of the same type.
template <Rounding kMode, class Float>
[[nodiscard]] inline Float to_integral(Float value) {
  switch (kMode) {
    case Rounding::rn:
      return std::rint(value);  // ties to even, as MXCSR says
    case Rounding::rz:
      return std::trunc(value);
    case Rounding::rm:
      return std::floor(value);
    case Rounding::rp:
      return std::ceil(value);
  }
  return value;
}

/// cvt.{rni,..}.<Int>.<Float>: clamped to the range of Int. NaN gives 0 for 8, 16 and 32 bits from
/// f16, bf16 or f32, else the value with only the highest bit set. An f16 or bf16 is widened first.
/// Source  PTX ISA 9.0, 9.7.9.21 (cvt).
template <class Int, Rounding kMode, class Float>
[[nodiscard]] inline Int to_int(Float value) {
  using Limits = std::numeric_limits<Int>;
  constexpr bool kTopBit = sizeof(Int) == 8 || std::is_same_v<Float, double>;
  constexpr auto kTop = static_cast<Int>(std::make_unsigned_t<Int>{1} << (8 * sizeof(Int) - 1));
  constexpr auto kLow = static_cast<Float>(Limits::min());
  constexpr Float kPastHigh = static_cast<Float>(std::uint64_t{1} << (Limits::digits - 1)) * 2;
  // A conversion truncates by itself, and the limits are integral.
  const Float whole = kMode == Rounding::rz ? value : to_integral<kMode>(value);
  const bool high = whole >= kPastHigh;
  const bool low = whole < kLow;
  const bool nan = whole != whole;
  const Int inside = static_cast<Int>((high | low | nan) ? Float{0} : whole);
  const Int clamped = high ? Limits::max() : low ? Limits::min() : inside;
  return nan ? (kTopBit ? kTop : Int{0}) : clamped;
}

/// An integer as a double, exact or rounded to odd.
template <class Int>
[[nodiscard]] inline double to_f64_odd(Int value) {
  if constexpr (sizeof(Int) < 8) {
    return static_cast<double>(value);
  } else {
    const auto high = static_cast<double>(value >> 32) * 0x1p32;
    return sum_to_odd(high, static_cast<double>(static_cast<std::uint32_t>(value)));
  }
}

/// cvt.{rn,rz,rm,rp}.f32.<Int>.
template <Rounding kMode, class Int>
[[nodiscard]] inline float int_to_f32(Int value) {
  if constexpr (kMode == Rounding::rn) {
    return static_cast<float>(value);
  }
  return to_f32<kMode>(to_f64_odd(value));
}

}  // namespace attest::ptx
