// mad: PTX ISA 9.0, 9.7.1.4 (integer), 9.7.2.5 (.cc), 9.7.3.7 (f32, f64: as fma).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"
#include "harness/ptx/insn/carry.h"

#include <cmath>

namespace attest::ptx {
namespace {

__extension__ using u128 = unsigned __int128;
__extension__ using s128 = __int128;

/// The low half of the product is the same for both signs; the sum wraps.
u16 lo16(u16 a, u16 b, u16 c) {
  return static_cast<u16>(u32{a} * b + c);
}
u32 lo32(u32 a, u32 b, u32 c) {
  return a * b + c;
}
u64 lo64(u64 a, u64 b, u64 c) {
  return a * b + c;
}

/// Upper half of the product in the type twice as wide; the sum wraps.
template <class T, class Wide>
T hi(T a, T b, T c) {
  const Wide product = static_cast<Wide>(a) * b;
  const auto upper = static_cast<u64>(product >> (sizeof(T) * 8));
  return static_cast<T>(upper + static_cast<u64>(c));
}

s32 hi_saturated(s32 a, s32 b, s32 c) {
  constexpr s64 kMost = 0x7fffffff;
  const s64 sum = (s64{a} * b >> 32) + c;
  const s64 below = sum > kMost ? kMost : sum;
  return static_cast<s32>(below < -kMost - 1 ? -kMost - 1 : below);
}

/// The whole product plus an addend of its width.
template <class T, class Unsigned, class Wide>
Unsigned wide(T a, T b, Unsigned c) {
  return static_cast<Unsigned>(static_cast<Wide>(a) * b) + c;
}

struct Mad {
  static constexpr bool kTinyIsExact = false;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b, float c) {
    return fma_f32<kMode, kFtz>(a, b, c);
  }
};

double mad_f64(double a, double b, double c) {
  return std::fma(a, b, c);
}

}  // namespace

Insn insn_mad();
Insn insn_mad() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "mad",
      .forms =
          {
              {"mad.lo.(u16|s16) d:16, a:16, b:16, c:16", always<lift<lo16, u16, u16, u16, u16>>},
              {"mad.lo.(u32|s32) d:32, a:32, b:32, c:32", always<lift<lo32, u32, u32, u32, u32>>},
              {"mad.lo.(u64|s64) d:64, a:64, b:64, c:64", always<lift<lo64, u64, u64, u64, u64>>},
              {"mad.hi.u16 d:16, a:16, b:16, c:16", always<lift<hi<u16, u32>, u16, u16, u16, u16>>},
              {"mad.hi.s16 d:16, a:16, b:16, c:16", always<lift<hi<s16, s32>, s16, s16, s16, s16>>},
              {"mad.hi.u32 d:32, a:32, b:32, c:32", always<lift<hi<u32, u64>, u32, u32, u32, u32>>},
              {"mad.hi.s32 d:32, a:32, b:32, c:32", always<lift<hi<s32, s64>, s32, s32, s32, s32>>},
              {"mad.hi.u64 d:64, a:64, b:64, c:64",
               always<lift<hi<u64, u128>, u64, u64, u64, u64>>},
              {"mad.hi.s64 d:64, a:64, b:64, c:64",
               always<lift<hi<s64, s128>, s64, s64, s64, s64>>},
              {"mad.hi.sat.s32 d:32, a:32, b:32, c:32",
               always<lift<hi_saturated, s32, s32, s32, s32>>},
              {"mad.lo.cc.(u32|s32) d:32, a:32, b:32, c:32",
               kCarryOut<mad_low_with_carry<u32>, u32, u32, u32, u32>},
              {"mad.hi.cc.u32 d:32, a:32, b:32, c:32",
               kCarryOut<mad_high_with_carry<u32, u32, u64>, u32, u32, u32, u32>},
              {"mad.hi.cc.s32 d:32, a:32, b:32, c:32",
               kCarryOut<mad_high_with_carry<u32, s32, s64>, u32, u32, u32, u32>},
              {"mad.lo.cc.(u64|s64) d:64, a:64, b:64, c:64",
               kCarryOut<mad_low_with_carry<u64>, u64, u64, u64, u64>},
              {"mad.hi.cc.u64 d:64, a:64, b:64, c:64",
               kCarryOut<mad_high_with_carry<u64, u64, UnsignedCarry128>, u64, u64, u64, u64>},
              {"mad.hi.cc.s64 d:64, a:64, b:64, c:64",
               kCarryOut<mad_high_with_carry<u64, s64, Carry128>, u64, u64, u64, u64>},
              {"mad.(rn|rz|rm|rp){.ftz}{.sat}.f32 d:32, a:32, b:32, c:32",
               f32_form<Mad, float, float, float>},
              {"mad.rn.f64 d:64, a:64, b:64, c:64",
               always<lift<mad_f64, double, double, double, double>>},
              {"mad.wide.u16 d:32, a:16, b:16, c:32",
               always<lift<wide<u16, u32, u32>, u32, u16, u16, u32>>},
              {"mad.wide.s16 d:32, a:16, b:16, c:32",
               always<lift<wide<s16, u32, s32>, u32, s16, s16, u32>>},
              {"mad.wide.u32 d:64, a:32, b:32, c:64",
               always<lift<wide<u32, u64, u64>, u64, u32, u32, u64>>},
              {"mad.wide.s32 d:64, a:32, b:32, c:64",
               always<lift<wide<s32, u64, s64>, u64, s32, s32, u64>>},
          },
      .examples =
          {
              {"mad.hi.cc.s64 d:64, a:64, b:64, c:64",
               {0x8000000000000000u, 6, 4},
               {1},
               "as mad.hi; its carry is in the examples of addc and madc"},
              {"mad.rn.f32 d:32, a:32, b:32, c:32",
               {0x3f800800u, 0x3f800800u, 0xbf801000u},
               {0x33800000u},
               "(1 + 2^-12)^2 - (1 + 2^-11) = 2^-24: one rounding"},
              {"mad.rn.f64 d:64, a:64, b:64, c:64",
               {0x3ff0000002000000u, 0x3ff0000002000000u, 0xbff0000004000000u},
               {0x3c90000000000000u},
               "(1 + 2^-27)^2 - (1 + 2^-26) = 2^-54: one rounding"},
              {"mad.lo.s16 d:16, a:16, b:16, c:16", {0xffff, 3, 1}, {0xfffe}, "-1 * 3 + 1"},
              {"mad.lo.s32 d:32, a:32, b:32, c:32",
               {0xfffffffdu, 5, 7},
               {0xfffffff8u},
               "-3 * 5 + 7"},
              {"mad.lo.u32 d:32, a:32, b:32, c:32",
               {0x80000001u, 2, 0xffffffffu},
               {1},
               "2^32 + 2 + 2^32 - 1, modulo 2^32"},
              {"mad.lo.u64 d:64, a:64, b:64, c:64",
               {0x100000000u, 0x100000001u, 5},
               {0x0000000100000005u},
               "2^64 + 2^32 + 5, modulo 2^64"},
              {"mad.hi.u16 d:16, a:16, b:16, c:16",
               {0xffff, 0xffff, 1},
               {0xffff},
               "0xfffe0001 >> 16, plus 1"},
              {"mad.hi.s16 d:16, a:16, b:16, c:16",
               {0xffff, 1, 0},
               {0xffff},
               "the upper half of -1"},
              {"mad.hi.u32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 0xffffffffu, 1},
               {0xffffffffu},
               "0xfffffffe00000001 >> 32, plus 1"},
              {"mad.hi.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 0x80000000u, 0x7fffffffu},
               {0xbfffffffu},
               "2^62 >> 32, plus 2^31 - 1: wraps without .sat"},
              {"mad.hi.sat.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 0x80000000u, 0x7fffffffu},
               {0x7fffffffu},
               "the same sum, clamped"},
              {"mad.hi.sat.s32 d:32, a:32, b:32, c:32",
               {0x80000000u, 1, 0x80000000u},
               {0x80000000u},
               "-1 - 2^31, clamped"},
              {"mad.hi.u64 d:64, a:64, b:64, c:64",
               {0x8000000000000000u, 6, 4},
               {7},
               "6 * 2^63 = 3 * 2^64"},
              {"mad.hi.s64 d:64, a:64, b:64, c:64",
               {0x8000000000000000u, 6, 4},
               {1},
               "6 * -2^63 = -3 * 2^64"},
              {"mad.wide.u16 d:32, a:16, b:16, c:32",
               {0xffff, 0xffff, 0xffffffffu},
               {0xfffe0000u},
               "0xfffe0001 - 1"},
              {"mad.wide.s16 d:32, a:16, b:16, c:32", {0x8000, 2, 1}, {0xffff0001u}, "-65536 + 1"},
              {"mad.wide.u32 d:64, a:32, b:32, c:64",
               {0xffffffffu, 0xffffffffu, 0x200000000u},
               {1},
               "0xfffffffe00000001 + 2^33, modulo 2^64"},
              {"mad.wide.s32 d:64, a:32, b:32, c:64",
               {0xffffffffu, 0x7fffffffu, 0},
               {0xffffffff80000001u},
               "-(2^31 - 1)"},
          },
  };
}

}  // namespace attest::ptx
