// cvt between floating types, PTX ISA 9.0, 9.7.9.21.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"
#include "harness/ptx/machine/round_int.h"

namespace attest::ptx {
namespace {

/// A double to [0, 1]; NaN and -0 to +0.
double saturate_f64(double value) {
  return value > 0 ? (value < 1 ? value : 1.0) : 0.0;
}

// Between equal types. kIntegral is false when no rounding is written.
template <bool kIntegral, Rounding kMode, bool kFtz, bool kSat>
float f32_to_f32(float a) {
  float value = operand<kFtz>(a);
  if constexpr (kIntegral) value = to_integral<kMode>(value);
  return kSat ? saturate(value) : canonical_nan(value);
}
template <bool kIntegral, Rounding kMode, bool kSat>
double f64_to_f64(double a) {
  double value = a;
  if constexpr (kIntegral) value = to_integral<kMode>(value);
  return kSat ? saturate_f64(value) : value;
}
template <class Half, bool kIntegral, Rounding kMode, bool kSat>
u16 half_to_half(u16 a) {
  return narrow<Half, Rounding::rz>(f32_to_f32<kIntegral, kMode, false, kSat>(Half::widen(a)));
}

template <class Half>
Handler same_half(const Match& m) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kIntegral, bool kSat>() -> Handler {
          return lift<half_to_half<Half, kIntegral, kMode, kSat>, u16, u16>;
        },
        m.index(0) >= 0,
        m.has("sat"));
  });
}

// To a wider type.
template <class Half, bool kFtz, bool kSat>
float f32_of_half(u16 a) {
  const float value = operand<kFtz>(Half::widen(a));
  return kSat ? saturate(value) : value;
}
template <class Half, bool kSat>
double f64_of_half(u16 a) {
  const double value = Half::widen(a);
  return kSat ? saturate_f64(value) : value;
}
template <bool kFtz, bool kSat>
double f64_of_f32(float a) {
  const double value = operand<kFtz>(a);
  return kSat ? saturate_f64(value) : value;
}

template <class Half>
Handler f32_from_half(const Match& m) {
  return choose(
      []<bool kFtz, bool kSat>() -> Handler {
        return lift<f32_of_half<Half, kFtz, kSat>, float, u16>;
      },
      m.has("ftz"),
      m.has("sat"));
}
template <class Half>
Handler f64_from_half(const Match& m) {
  return choose([]<bool kSat>() -> Handler { return lift<f64_of_half<Half, kSat>, double, u16>; },
                m.has("sat"));
}

// To a narrower type. .sat before the rounding is the same as after it.
template <Rounding kMode, bool kFtz, bool kSat>
float f32_of_f64(double a) {
  const float result = finish<kFtz>(a, to_f32<kMode>(a));
  return kSat ? saturate(result) : result;
}
template <class Half, Rounding kMode, bool kSat>
u16 half_of_f64(double a) {
  const float odd = to_f32_odd(a);
  return narrow<Half, kMode>(kSat ? saturate(odd) : odd);
}
template <class Half, class From, Rounding kMode>
u16 half_of_half(u16 a) {
  return narrow<Half, kMode>(From::widen(a));
}

/// Inf, given or by overflow, to the largest finite value.
template <class Half>
u16 clamp_to_finite(u16 value) {
  return static_cast<u16>(value - ((value & 0x7fffU) == Half::kInf ? 1U : 0U));
}
template <class Half, Rounding kMode, bool kFtz, bool kSat, bool kRelu, bool kSatFinite>
u16 half_of_f32(float a) {
  float value = operand<kFtz>(a);
  if constexpr (kSat) value = saturate(value);
  if constexpr (kRelu) value = relu(value);
  const u16 result = narrow<Half, kMode>(value);
  return kSatFinite ? clamp_to_finite<Half>(result) : result;
}
template <class Half, Rounding kMode, bool kRelu, bool kSatFinite>
u32 half2_of_f32(float a, float b) {
  const u32 high = half_of_f32<Half, kMode, false, false, kRelu, kSatFinite>(a);
  return high << 16 | half_of_f32<Half, kMode, false, false, kRelu, kSatFinite>(b);
}

template <class Half>
Handler half_from_f64(const Match& m) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kSat>() -> Handler { return lift<half_of_f64<Half, kMode, kSat>, u16, double>; },
        m.has("sat"));
  });
}
/// .relu and .satfinite do not occur with .ftz and .sat.
template <class Half>
Handler half_from_f32(const Match& m) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    if (m.has("relu") || m.has("satfinite")) {
      return choose(
          []<bool kRelu, bool kSatFinite>() -> Handler {
            return lift<half_of_f32<Half, kMode, false, false, kRelu, kSatFinite>, u16, float>;
          },
          m.has("relu"),
          m.has("satfinite"));
    }
    return choose(
        []<bool kFtz, bool kSat>() -> Handler {
          return lift<half_of_f32<Half, kMode, kFtz, kSat, false, false>, u16, float>;
        },
        m.has("ftz"),
        m.has("sat"));
  });
}
template <class Half>
Handler half2_from_f32(const Match& m) {
  return choose(
      [&m]<bool kZero>() {
        return choose(
            []<bool kRelu, bool kSatFinite>() -> Handler {
              return lift<
                  half2_of_f32<Half, kZero ? Rounding::rz : Rounding::rn, kRelu, kSatFinite>,
                  u32,
                  float,
                  float>;
            },
            m.has("relu"),
            m.has("satfinite"));
      },
      m.index(0) == 1);
}
template <class Half, class From>
Handler half_from_half(const Match& m) {
  return choose_rounding(m.index(0), []<Rounding kMode>() -> Handler {
    return lift<half_of_half<Half, From, kMode>, u16, u16>;
  });
}

/// tf32 is the upper 19 bits of an f32. Ties away from zero, to even, or all toward zero.
template <bool kAway, bool kZero, bool kRelu, bool kSatFinite>
u32 tf32_of_f32(float a) {
  const float value = kRelu ? relu(a) : a;
  const u32 size = bits_of(value) & 0x7fffffffU;
  constexpr u32 kDropped = 0x1fffU;
  const u32 even = 0x0fffU + ((size >> 13) & 1U);
  const u32 half = kAway ? 0x1000U : kZero ? 0U : even;
  u32 result = size >= 0x7f800000U ? size : (size + half) & ~kDropped;
  if constexpr (kSatFinite) result = result == 0x7f800000U ? 0x7f7fe000U : result;
  const u32 sign = bits_of(value) & 0x80000000U;
  return size > 0x7f800000U ? kNanF32 : sign | result;
}

}  // namespace

Handler cvt_f32_f32(const Match& m, Instr*) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kIntegral, bool kFtz, bool kSat>() -> Handler {
          return lift<f32_to_f32<kIntegral, kMode, kFtz, kSat>, float, float>;
        },
        m.index(0) >= 0,
        m.has("ftz"),
        m.has("sat"));
  });
}
Handler cvt_f64_f64(const Match& m, Instr*) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kIntegral, bool kSat>() -> Handler {
          return lift<f64_to_f64<kIntegral, kMode, kSat>, double, double>;
        },
        m.index(0) >= 0,
        m.has("sat"));
  });
}
Handler cvt_f16_f16(const Match& m, Instr*) {
  return same_half<F16>(m);
}
Handler cvt_bf16_bf16(const Match& m, Instr*) {
  return same_half<Bf16>(m);
}
Handler cvt_f32_f16(const Match& m, Instr*) {
  return f32_from_half<F16>(m);
}
Handler cvt_f32_bf16(const Match& m, Instr*) {
  return f32_from_half<Bf16>(m);
}
Handler cvt_f64_f16(const Match& m, Instr*) {
  return f64_from_half<F16>(m);
}
Handler cvt_f64_bf16(const Match& m, Instr*) {
  return f64_from_half<Bf16>(m);
}
Handler cvt_f64_f32(const Match& m, Instr*) {
  return choose(
      []<bool kFtz, bool kSat>() -> Handler { return lift<f64_of_f32<kFtz, kSat>, double, float>; },
      m.has("ftz"),
      m.has("sat"));
}
Handler cvt_f32_f64(const Match& m, Instr*) {
  return choose_rounding(m.index(0), [&m]<Rounding kMode>() {
    return choose(
        []<bool kFtz, bool kSat>() -> Handler {
          return lift<f32_of_f64<kMode, kFtz, kSat>, float, double>;
        },
        m.has("ftz"),
        m.has("sat"));
  });
}
Handler cvt_f16_f64(const Match& m, Instr*) {
  return half_from_f64<F16>(m);
}
Handler cvt_bf16_f64(const Match& m, Instr*) {
  return half_from_f64<Bf16>(m);
}
Handler cvt_f16_f32(const Match& m, Instr*) {
  return half_from_f32<F16>(m);
}
Handler cvt_bf16_f32(const Match& m, Instr*) {
  return half_from_f32<Bf16>(m);
}
Handler cvt_f16_bf16(const Match& m, Instr*) {
  return half_from_half<F16, Bf16>(m);
}
Handler cvt_bf16_f16(const Match& m, Instr*) {
  return half_from_half<Bf16, F16>(m);
}
Handler cvt_f16x2_f32(const Match& m, Instr*) {
  return half2_from_f32<F16>(m);
}
Handler cvt_bf16x2_f32(const Match& m, Instr*) {
  return half2_from_f32<Bf16>(m);
}
Handler cvt_tf32_f32(const Match& m, Instr*) {
  return choose(
      [&m]<bool kAway, bool kZero>() {
        return choose(
            []<bool kRelu, bool kSatFinite>() -> Handler {
              return lift<tf32_of_f32<kAway, kZero, kRelu, kSatFinite>, u32, float>;
            },
            m.has("relu"),
            m.has("satfinite"));
      },
      m.has("rna"),
      m.has("rz"));
}

}  // namespace attest::ptx
