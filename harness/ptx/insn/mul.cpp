// mul: PTX ISA 9.0, 9.7.1.3 (integer), 9.7.3.5 (f32, f64), 9.7.4.3 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"

namespace attest::ptx {
namespace {

u16 low16(u16 a, u16 b) {
  return static_cast<u16>(u32{a} * b);
}
u32 low32(u32 a, u32 b) {
  return a * b;
}
u64 low64(u64 a, u64 b) {
  return a * b;
}

template <class Wide, class T>
Wide wide(T a, T b) {
  return static_cast<Wide>(Wide{a} * Wide{b});
}
template <class Wide, class T>
T high(T a, T b) {
  return static_cast<T>(wide<Wide, T>(a, b) >> (8 * sizeof(T)));
}

__extension__ using s128 = __int128;
__extension__ using u128 = unsigned __int128;

double mul_f64(double a, double b) {
  return a * b;
}

struct Mul {
  static constexpr bool kTinyIsExact = false;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b) {
    return mul_f32<kMode, kFtz>(a, b);
  }
  template <class Half, bool kFtz>
  static u16 half(u16 a, u16 b) {
    return mul_half<Half, kFtz>(a, b);
  }
};

}  // namespace

Insn insn_mul();
Insn insn_mul() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "mul",
      .forms =
          {
              {"mul.lo.(u16|s16) d:16, a:16, b:16", always<lift<low16, u16, u16, u16>>},
              {"mul.lo.(u32|s32) d:32, a:32, b:32", always<lift<low32, u32, u32, u32>>},
              {"mul.lo.(u64|s64) d:64, a:64, b:64", always<lift<low64, u64, u64, u64>>},
              {"mul.wide.u16 d:32, a:16, b:16", always<lift<wide<u32, u16>, u32, u16, u16>>},
              {"mul.wide.s16 d:32, a:16, b:16", always<lift<wide<s32, s16>, s32, s16, s16>>},
              {"mul.wide.u32 d:64, a:32, b:32", always<lift<wide<u64, u32>, u64, u32, u32>>},
              {"mul.wide.s32 d:64, a:32, b:32", always<lift<wide<s64, s32>, s64, s32, s32>>},
              {"mul.hi.u16 d:16, a:16, b:16", always<lift<high<u32, u16>, u16, u16, u16>>},
              {"mul.hi.s16 d:16, a:16, b:16", always<lift<high<s32, s16>, s16, s16, s16>>},
              {"mul.hi.u32 d:32, a:32, b:32", always<lift<high<u64, u32>, u32, u32, u32>>},
              {"mul.hi.s32 d:32, a:32, b:32", always<lift<high<s64, s32>, s32, s32, s32>>},
              {"mul.hi.u64 d:64, a:64, b:64", always<lift<high<u128, u64>, u64, u64, u64>>},
              {"mul.hi.s64 d:64, a:64, b:64", always<lift<high<s128, s64>, s64, s64, s64>>},
              {"mul{.rn|.rz|.rm|.rp}{.ftz}{.sat}.f32 d:32, a:32, b:32",
               f32_form<Mul, float, float>},
              {"mul{.rn|.rz|.rm|.rp}{.ftz}.f32x2 d:64, a:64, b:64", f32x2_form<Mul, u64, u64>},
              {"mul{.rn}.f64 d:64, a:64, b:64", always<lift<mul_f64, double, double, double>>},
              {"mul{.rn}{.ftz}{.sat}.f16 d:16, a:16, b:16", half_form<Mul, F16, u16, u16>},
              {"mul{.rn}{.ftz}{.sat}.f16x2 d:32, a:32, b:32", half2_form<Mul, F16, u32, u32>},
              {"mul{.rn}.bf16 d:16, a:16, b:16", half_form<Mul, Bf16, u16, u16>},
              {"mul{.rn}.bf16x2 d:32, a:32, b:32", half2_form<Mul, Bf16, u32, u32>},
          },
      .examples =
          {
              {"mul.lo.s32 d:32, a:32, b:32", {0xfffffffdu, 5}, {0xfffffff1u}, "-3 * 5 = -15"},
              {"mul.lo.u32 d:32, a:32, b:32", {0x10000, 0x10001}, {0x10000}, "low 32 bits"},
              {"mul.lo.s16 d:16, a:16, b:16", {0xffff, 2}, {0xfffe}, "-1 * 2 = -2"},
              {"mul.lo.s64 d:64, a:64, b:64",
               {0x100000001u, 0x100000001u},
               {0x200000001u},
               "(2^32 + 1)^2, low 64 bits"},
              {"mul.wide.u16 d:32, a:16, b:16", {0xffff, 0xffff}, {0xfffe0001u}, "65535^2"},
              {"mul.wide.s16 d:32, a:16, b:16", {0xffff, 2}, {0xfffffffeu}, "-1 * 2 = -2"},
              {"mul.wide.u32 d:64, a:32, b:32", {0xffffffffu, 2}, {0x1fffffffeu}, "unsigned"},
              {"mul.wide.s32 d:64, a:32, b:32",
               {0xffffffffu, 2},
               {0xfffffffffffffffeu},
               "-1 * 2 = -2"},
              {"mul.hi.u16 d:16, a:16, b:16", {0xffff, 0xffff}, {0xfffe}, "unsigned"},
              {"mul.hi.s16 d:16, a:16, b:16", {0xffff, 1}, {0xffff}, "-1 * 1: all sign"},
              {"mul.hi.u32 d:32, a:32, b:32",
               {0xffffffffu, 0xffffffffu},
               {0xfffffffeu},
               "unsigned"},
              {"mul.hi.s32 d:32, a:32, b:32", {0xffffffffu, 1}, {0xffffffffu}, "-1 * 1: all sign"},
              {"mul.hi.u64 d:64, a:64, b:64",
               {0xffffffffffffffffu, 0xffffffffffffffffu},
               {0xfffffffffffffffeu},
               "unsigned"},
              {"mul.hi.s64 d:64, a:64, b:64",
               {0xffffffffffffffffu, 1},
               {0xffffffffffffffffu},
               "-1 * 1: all sign"},
              {"mul.f32 d:32, a:32, b:32",
               {0x3fc00000u, 0x40200000u},
               {0x40700000u},
               "1.5 * 2.5 = 3.75"},
              {"mul.f32 d:32, a:32, b:32",
               {0, 0xff800000u},
               {0x7fffffffu},
               "0 * Inf is the canonical NaN"},
              {"mul.f32 d:32, a:32, b:32",
               {0xffc12345u, 0x3f800000u},
               {0x7fffffffu},
               "a NaN operand gives the canonical NaN"},
              {"mul.f32 d:32, a:32, b:32", {0xbf800000u, 0}, {0x80000000u}, "-1 * 0 = -0"},
              {"mul.f32 d:32, a:32, b:32",
               {0x0d800000u, 0x27000000u},
               {1},
               "2^-100 * 2^-49, the smallest subnormal"},
              {"mul.ftz.f32 d:32, a:32, b:32",
               {0x8d800000u, 0x27000000u},
               {0x80000000u},
               "-2^-149 is flushed to -0"},
              {"mul.ftz.f32 d:32, a:32, b:32", {1, 0x4b000000u}, {0}, "a subnormal operand"},
              {"mul.f32 d:32, a:32, b:32",
               {0x3f7fffffu, 0x00800000u},
               {0x00800000u},
               "(1 - 2^-24) 2^-126 is a tie, to even"},
              {"mul.ftz.f32 d:32, a:32, b:32",
               {0x3f7fffffu, 0x00800000u},
               {0},
               "tiny before rounding, so flushed"},
              {"mul.rn.f32 d:32, a:32, b:32",
               {0x3f800001u, 0x3f800001u},
               {0x3f800002u},
               "1 + 2^-22 + 2^-46 to nearest"},
              {"mul.rp.f32 d:32, a:32, b:32",
               {0x3f800001u, 0x3f800001u},
               {0x3f800003u},
               "1 + 2^-22 + 2^-46 up"},
              {"mul.rm.ftz.f32 d:32, a:32, b:32",
               {0xbf800001u, 0x3f800001u},
               {0xbf800003u},
               "-(1 + 2^-22 + 2^-46) down"},
              {"mul.f32 d:32, a:32, b:32", {0x7f7fffffu, 0x40000000u}, {0x7f800000u}, "overflow"},
              {"mul.rz.f32 d:32, a:32, b:32",
               {0x7f7fffffu, 0xc0000000u},
               {0xff7fffffu},
               "overflow toward 0"},
              {"mul.sat.f32 d:32, a:32, b:32", {0x40000000u, 0x40000000u}, {0x3f800000u}, "4 -> 1"},
              {"mul.f32x2 d:64, a:64, b:64",
               {0x4040000040000000u, 0x4000000040400000u},
               {0x40c0000040c00000u},
               "{2 * 3, 3 * 2}"},
              {"mul.f64 d:64, a:64, b:64",
               {0x3ff8000000000000u, 0xc000000000000000u},
               {0xc008000000000000u},
               "1.5 * -2 = -3"},
              {"mul.f16 d:16, a:16, b:16", {0x3e00, 0x4100}, {0x4380}, "1.5 * 2.5 = 3.75"},
              {"mul.f16 d:16, a:16, b:16", {0, 0x7c00}, {0x7fff}, "0 * Inf: canonical NaN"},
              {"mul.f16 d:16, a:16, b:16", {0x0400, 0x3800}, {0x0200}, "2^-15 is subnormal"},
              {"mul.ftz.f16 d:16, a:16, b:16", {0x0400, 0xb800}, {0x8000}, "-2^-15 is flushed"},
              {"mul.sat.f16 d:16, a:16, b:16", {0x4000, 0x4000}, {0x3c00}, "4 is clamped to 1"},
              {"mul.f16x2 d:32, a:32, b:32",
               {0x40004200u, 0x42003c00u},
               {0x46004200u},
               "{3 * 1, 2 * 3}, low half first"},
              {"mul.bf16 d:16, a:16, b:16", {0x3f81, 0x3f81}, {0x3f82}, "(1 + 2^-7)^2"},
              {"mul.rn.bf16x2 d:32, a:32, b:32",
               {0x40004040u, 0x40403f80u},
               {0x40c04040u},
               "{3 * 1, 2 * 3}, low half first"},
          },
  };
}

}  // namespace attest::ptx
