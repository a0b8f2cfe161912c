// The forms that min and max have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/arithmetic.h"

namespace attest::ptx {

template <class Op, class T, bool kRelu>
T integer_extreme(T a, T b) {
  const T found = Op::template integer<T>(a, b);
  if constexpr (kRelu) return found < 0 ? T{0} : found;
  return found;
}

template <class Op, class T, bool kRelu>
u16 integer_extreme16(u16 a, u16 b) {
  return static_cast<u16>(integer_extreme<Op, T, kRelu>(static_cast<T>(a), static_cast<T>(b)));
}

/// .xorsign.abs: of the magnitudes; the sign is that of the product, unless the result is NaN.
template <class Op, bool kNan, bool kFtz, bool kXorSign>
float f32_extreme(float a, float b) {
  if constexpr (!kXorSign) return Op::template f32<kNan, kFtz>(a, b);
  const u32 sign = (bits_of(a) ^ bits_of(b)) & 0x80000000U;
  const float found = Op::template f32<kNan, kFtz>(std::fabs(a), std::fabs(b));
  return found == found ? f32_of(bits_of(found) | sign) : found;
}

template <class Op, bool kNan, bool kFtz, bool kAbs>
float f32_extreme3(float a, float b, float c) {
  constexpr auto kOperand = [](float value) { return kAbs ? std::fabs(value) : value; };
  const float first = Op::template f32<kNan, kFtz>(kOperand(a), kOperand(b));
  return Op::template f32<kNan, kFtz>(first, kOperand(c));
}

template <class Op, class Half, bool kNan, bool kFtz, bool kXorSign>
u16 half_extreme(u16 a, u16 b) {
  if constexpr (!kXorSign) return Op::template half<Half, kNan, kFtz>(a, b);
  const u16 found = Op::template half<Half, kNan, kFtz>(a & 0x7fffU, b & 0x7fffU);
  return static_cast<u16>(found == kNanHalf ? found : found | ((a ^ b) & 0x8000U));
}

template <class Op>
Handler f32_extreme_form(const Match& m, Instr*) {
  return choose(
      []<bool kNan, bool kFtz, bool kXorSign>() -> Handler {
        return lift<f32_extreme<Op, kNan, kFtz, kXorSign>, float, float, float>;
      },
      m.has("NaN"),
      m.has("ftz"),
      m.has("xorsign"));
}

template <class Op>
Handler f32_extreme3_form(const Match& m, Instr*) {
  return choose(
      []<bool kNan, bool kFtz, bool kAbs>() -> Handler {
        return lift<f32_extreme3<Op, kNan, kFtz, kAbs>, float, float, float, float>;
      },
      m.has("NaN"),
      m.has("ftz"),
      m.has("abs"));
}

template <class Op, class Half>
Handler half_extreme_form(const Match& m, Instr*) {
  return choose(
      []<bool kNan, bool kFtz, bool kXorSign>() -> Handler {
        return lift<half_extreme<Op, Half, kNan, kFtz, kXorSign>, u16, u16, u16>;
      },
      m.has("NaN"),
      m.has("ftz"),
      m.has("xorsign"));
}

template <class Op, class Half>
Handler half2_extreme_form(const Match& m, Instr*) {
  return choose(
      []<bool kNan, bool kFtz, bool kXorSign>() -> Handler {
        return lift<each_half<half_extreme<Op, Half, kNan, kFtz, kXorSign>, u32, u32>,
                    u32,
                    u32,
                    u32>;
      },
      m.has("NaN"),
      m.has("ftz"),
      m.has("xorsign"));
}

template <class Op, class T>
Handler integer_extreme_form(const Match& m, Instr*) {
  return choose(
      []<bool kRelu>() -> Handler { return lift<integer_extreme<Op, T, kRelu>, T, T, T>; },
      m.has("relu"));
}

/// .u16x2 and .s16x2: T is u16 or s16.
template <class Op, class T>
Handler integer_extreme_x2_form(const Match& m, Instr*) {
  return choose(
      []<bool kRelu>() -> Handler {
        return lift<each_half<integer_extreme16<Op, T, kRelu>, u32, u32>, u32, u32, u32>;
      },
      m.has("relu"));
}

}  // namespace attest::ptx
