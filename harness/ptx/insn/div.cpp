// div: PTX ISA 9.0, 9.7.1.8 (integer), 9.7.3.8 (floating point).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"
#include "harness/ptx/insn/arithmetic.h"

#include <cmath>

namespace attest::ptx {
namespace {

/// Division by zero is left open by the manual; here it gives all ones. The least integer divided
/// by -1 is itself. Quotients of 32 bits are exact when truncated from double.
template <class T>
T div_small(T a, T b) {
  const double quotient =
      std::trunc(static_cast<double>(a) / static_cast<double>(b == 0 ? T{1} : b));
  // Its low bits are then those of the integer in two's complement.
  const auto low = static_cast<T>(std::bit_cast<u64>(quotient + 0x1.8p52));
  return b == 0 ? static_cast<T>(~T{0}) : low;
}

u64 div_u64(u64 a, u64 b) {
  return b == 0 ? ~u64{0} : a / b;
}
s64 div_s64(s64 a, s64 b) {
  if (b == 0) return -1;
  return b == -1 ? static_cast<s64>(u64{0} - static_cast<u64>(a)) : a / b;
}

double div_f64(double a, double b) {
  return a / b;
}

struct Div {
  static constexpr bool kTinyIsExact = false;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b) {
    return div_f32<kMode, kFtz>(a, b);
  }
};

/// .approx is a * (1 / b), and 1 / b is flushed: divisors beyond 2^126 act as infinite. Elsewhere
/// the quotient is correctly rounded, or moved within the documented 2 ulp.
struct Approximate {
  static constexpr bool kTinyIsExact = false;
  /// Smaller divisors than 2^-126 have no documented error.
  static bool is_documented(float b) { return std::fabs(b) >= kSmallestNormalF32; }

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b) {
    const u32 sign = bits_of(b) & 0x80000000U;
    const u32 size = bits_of(b) & 0x7fffffffU;
    const bool large = (size > bits_of(0x1p126F)) & (size < 0x7f800000U);
    return div_f32<kMode, kFtz>(a, f32_of(select(large, sign | 0x7f800000U, bits_of(b))));
  }
};

struct Full : Div {
  static bool is_documented(float /*b*/) { return true; }
};

template <class Op, bool kFtz, ApproxMode kMode>
float moved_quotient(float a, float b) {
  const float nearest = Op::template f32<Rounding::rn, kFtz>(a, b);
  const float x = operand<kFtz>(a);
  const float y = operand<kFtz>(b);
  const double exact = static_cast<double>(x) / static_cast<double>(y);
  const u32 hash = hash_operand(bits_of(x), kDivTag) ^ bits_of(y);
  const Allowed allowed = ulp_error(nearest, exact, Op::is_documented(y) ? 2 : 0);
  const float value = moved_f32<kMode>(nearest, allowed, hash_operand(hash, kDivTag));
  // A normal result stays one.
  const u32 sign = bits_of(nearest) & 0x80000000U;
  const bool is_lost = kFtz && nearest != 0 && std::fabs(value) < kSmallestNormalF32;
  return f32_of(select(is_lost, sign | bits_of(kSmallestNormalF32), bits_of(value)));
}

/// `div.approx{.ftz}.f32` and `div.full{.ftz}.f32`.
template <class Op>
Handler approximate_quotient(const Match& m, Instr* out) {
  return choose_approx(m, [&m, out]<ApproxMode kMode>() -> Handler {
    if constexpr (kMode == ApproxMode::nearest) {
      return f32_nearest_form<Op, float, float>(m, out);
    } else {
      return m.has("ftz") ? lift<moved_quotient<Op, true, kMode>, float, float, float>
                          : lift<moved_quotient<Op, false, kMode>, float, float, float>;
    }
  });
}

}  // namespace

Insn insn_div();
Insn insn_div() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "div",
      .forms =
          {
              {"div.u16 d:16, a:16, b:16", always<lift<div_small<u16>, u16, u16, u16>>},
              {"div.s16 d:16, a:16, b:16", always<lift<div_small<s16>, s16, s16, s16>>},
              {"div.u32 d:32, a:32, b:32", always<lift<div_small<u32>, u32, u32, u32>>},
              {"div.s32 d:32, a:32, b:32", always<lift<div_small<s32>, s32, s32, s32>>},
              {"div.u64 d:64, a:64, b:64", always<lift<div_u64, u64, u64, u64>>},
              {"div.s64 d:64, a:64, b:64", always<lift<div_s64, s64, s64, s64>>},
              {"div.(rn|rz|rm|rp){.ftz}.f32 d:32, a:32, b:32", f32_form<Div, float, float>},
              {"div.full{.ftz}.f32 d:32, a:32, b:32", approximate_quotient<Full>},
              {"div.approx{.ftz}.f32 d:32, a:32, b:32", approximate_quotient<Approximate>},
              {"div.rn.f64 d:64, a:64, b:64", always<lift<div_f64, double, double, double>>},
          },
      .examples =
          {
              {"div.u16 d:16, a:16, b:16", {0xffff, 2}, {0x7fff}, "toward 0"},
              {"div.s16 d:16, a:16, b:16", {0xfff9, 2}, {0xfffd}, "-7 / 2 = -3"},
              {"div.s16 d:16, a:16, b:16", {0x8000, 0xffff}, {0x8000}, "-32768 / -1 wraps"},
              {"div.u32 d:32, a:32, b:32", {0xffffffffu, 2}, {0x7fffffffu}, "unsigned"},
              {"div.u32 d:32, a:32, b:32", {0xffffffffu, 1}, {0xffffffffu}, "by one"},
              {"div.u32 d:32, a:32, b:32",
               {0xfffffffeu, 0xffffffffu},
               {0},
               "(2^32 - 2) / (2^32 - 1)"},
              {"div.s32 d:32, a:32, b:32", {0xfffffff9u, 2}, {0xfffffffdu}, "-7 / 2 = -3"},
              {"div.s32 d:32, a:32, b:32", {7, 0xfffffffeu}, {0xfffffffdu}, "7 / -2 = -3"},
              {"div.s32 d:32, a:32, b:32",
               {0x80000000u, 0xffffffffu},
               {0x80000000u},
               "-2^31 / -1 wraps"},
              {"div.u64 d:64, a:64, b:64",
               {0xffffffffffffffffu, 3},
               {0x5555555555555555u},
               "unsigned"},
              {"div.s64 d:64, a:64, b:64",
               {0xfffffffffffffff9u, 2},
               {0xfffffffffffffffdu},
               "-7 / 2 = -3"},
              {"div.s64 d:64, a:64, b:64",
               {0x8000000000000000u, 0xffffffffffffffffu},
               {0x8000000000000000u},
               "-2^63 / -1 wraps"},
              {"div.rn.f32 d:32, a:32, b:32", {0x3f800000u, 0x40400000u}, {0x3eaaaaabu}, "1 / 3"},
              {"div.rz.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x40400000u},
               {0x3eaaaaaau},
               "1 / 3 toward 0"},
              {"div.rm.f32 d:32, a:32, b:32",
               {0xbf800000u, 0x40400000u},
               {0xbeaaaaabu},
               "-1 / 3 down"},
              {"div.rn.f32 d:32, a:32, b:32", {0x3f800000u, 0x80000000u}, {0xff800000u}, "1 / -0"},
              {"div.rn.f32 d:32, a:32, b:32", {0, 0}, {0x7fffffffu}, "0 / 0: canonical NaN"},
              {"div.rn.f32 d:32, a:32, b:32", {0x00800000u, 0x40000000u}, {0x00400000u}, "2^-127"},
              {"div.rn.ftz.f32 d:32, a:32, b:32",
               {0x80800000u, 0x40000000u},
               {0x80000000u},
               "flushed"},
              {"div.rn.f32 d:32, a:32, b:32",
               {0x7f7fffffu, 0x3f000000u},
               {0x7f800000u},
               "overflow"},
              {"div.full.f32 d:32, a:32, b:32",
               {0x7f000000u, 0x7f000000u},
               {0x3f800000u},
               "2^127 / 2^127 = 1"},
              {"div.full.ftz.f32 d:32, a:32, b:32", {1, 0x3f800000u}, {0}, "flushed"},
              {"div.approx.f32 d:32, a:32, b:32",
               {0x40c00000u, 0x40400000u},
               {0x40000000u},
               "6 / 3"},
              {"div.approx.f32 d:32, a:32, b:32",
               {0x7f000000u, 0xff000000u},
               {0x80000000u},
               "divisors beyond 2^126 give 0"},
              {"div.approx.ftz.f32 d:32, a:32, b:32",
               {0x7f800000u, 0x7f000000u},
               {0x7fffffffu},
               "Inf by a divisor beyond 2^126 gives NaN"},
              {"div.approx.ftz.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x7e800000u},
               {0x00800000u},
               "1 / 2^126"},
              {"div.approx.ftz.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x80000001u},
               {0xff800000u},
               "a flushed divisor is -0"},
              {"div.approx.f32 d:32, a:32, b:32", {0x3f800000u, 0x7fc00000u}, {0x7fffffffu}, "NaN"},
              {"div.rn.f64 d:64, a:64, b:64",
               {0x3ff0000000000000u, 0x4008000000000000u},
               {0x3fd5555555555555u},
               "1 / 3"},
          },
  };
}

}  // namespace attest::ptx
