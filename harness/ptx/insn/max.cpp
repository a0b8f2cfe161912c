// max: PTX ISA 9.0, 9.7.1.13 (integer), 9.7.3.12 (f32, f64), 9.7.4.8 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/extreme.h"

namespace attest::ptx {
namespace {

struct Max {
  template <class T>
  static T integer(T a, T b) {
    return b > a ? b : a;
  }
  template <bool kNan, bool kFtz>
  static float f32(float a, float b) {
    return max_f32<kNan, kFtz>(a, b);
  }
  template <class Half, bool kNan, bool kFtz>
  static u16 half(u16 a, u16 b) {
    return max_half<Half, kNan, kFtz>(a, b);
  }
};

/// -0 is less than +0; a NaN loses against a number.
double max_f64(double a, double b) {
  const double equal = std::bit_cast<double>(std::bit_cast<u64>(a) & std::bit_cast<u64>(b));
  const double found = a > b ? a : b > a ? b : equal;
  return a != a ? b : b != b ? a : found;
}

}  // namespace

Insn insn_max();
Insn insn_max() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "max",
      .forms =
          {
              {"max.u16 d:16, a:16, b:16", integer_extreme_form<Max, u16>},
              {"max.s16 d:16, a:16, b:16", integer_extreme_form<Max, s16>},
              {"max.u32 d:32, a:32, b:32", integer_extreme_form<Max, u32>},
              {"max{.relu}.s32 d:32, a:32, b:32", integer_extreme_form<Max, s32>},
              {"max.u64 d:64, a:64, b:64", integer_extreme_form<Max, u64>},
              {"max.s64 d:64, a:64, b:64", integer_extreme_form<Max, s64>},
              {"max.u16x2 d:32, a:32, b:32", integer_extreme_x2_form<Max, u16>},
              {"max{.relu}.s16x2 d:32, a:32, b:32", integer_extreme_x2_form<Max, s16>},
              {"max{.ftz}{.NaN}{.xorsign}{.abs}.f32 d:32, a:32, b:32", f32_extreme_form<Max>},
              {"max{.ftz}{.NaN}{.abs}.f32 d:32, a:32, b:32, c:32", f32_extreme3_form<Max>},
              {"max.f64 d:64, a:64, b:64", always<lift<max_f64, double, double, double>>},
              {"max{.ftz}{.NaN}{.xorsign}{.abs}.f16 d:16, a:16, b:16", half_extreme_form<Max, F16>},
              {"max{.ftz}{.NaN}{.xorsign}{.abs}.f16x2 d:32, a:32, b:32",
               half2_extreme_form<Max, F16>},
              {"max{.NaN}{.xorsign}{.abs}.bf16 d:16, a:16, b:16", half_extreme_form<Max, Bf16>},
              {"max{.NaN}{.xorsign}{.abs}.bf16x2 d:32, a:32, b:32", half2_extreme_form<Max, Bf16>},
          },
      .examples =
          {
              {"max.u16 d:16, a:16, b:16", {0xffff, 1}, {0xffff}, "unsigned"},
              {"max.s16 d:16, a:16, b:16", {0xffff, 1}, {1}, "1 > -1"},
              {"max.u32 d:32, a:32, b:32", {0xffffffffu, 1}, {0xffffffffu}, "unsigned"},
              {"max.s32 d:32, a:32, b:32", {0xffffffffu, 1}, {1}, "1 > -1"},
              {"max.relu.s32 d:32, a:32, b:32", {0xffffffffu, 0xfffffffeu}, {0}, "-1 becomes 0"},
              {"max.u64 d:64, a:64, b:64",
               {0xffffffffffffffffu, 1},
               {0xffffffffffffffffu},
               "unsigned"},
              {"max.s64 d:64, a:64, b:64", {0xffffffffffffffffu, 1}, {1}, "1 > -1"},
              {"max.u16x2 d:32, a:32, b:32", {0xffff0003u, 0x00010004u}, {0xffff0004u}, "unsigned"},
              {"max.s16x2 d:32, a:32, b:32", {0xffff0003u, 0x00010004u}, {0x00010004u}, "signed"},
              {"max.relu.s16x2 d:32, a:32, b:32",
               {0xffff0003u, 0xfffe0004u},
               {0x00000004u},
               "-1 becomes 0"},
              {"max.f32 d:32, a:32, b:32", {0x3f800000u, 0xbf800000u}, {0x3f800000u}, "1 > -1"},
              {"max.f32 d:32, a:32, b:32", {0, 0x80000000u}, {0}, "+0 > -0"},
              {"max.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0}, "+0 > -0"},
              {"max.f32 d:32, a:32, b:32", {0x7fc00000u, 0xff800000u}, {0xff800000u}, "NaN loses"},
              {"max.f32 d:32, a:32, b:32", {0xff800000u, 0xffc00000u}, {0xff800000u}, "NaN loses"},
              {"max.f32 d:32, a:32, b:32", {0x7fc00001u, 0xffc00000u}, {0x7fffffffu}, "two NaN"},
              {"max.NaN.f32 d:32, a:32, b:32",
               {0x3f800000u, 0xffc00000u},
               {0x7fffffffu},
               ".NaN: NaN wins"},
              {"max.f32 d:32, a:32, b:32", {1, 2}, {2}, "subnormals"},
              {"max.ftz.f32 d:32, a:32, b:32",
               {0x80000001u, 0x80000000u},
               {0x80000000u},
               "flushed"},
              {"max.xorsign.abs.f32 d:32, a:32, b:32",
               {0xc0000000u, 0x3f800000u},
               {0xc0000000u},
               "max(|-2|, |1|), negative as signs differ"},
              {"max.ftz.NaN.xorsign.abs.f32 d:32, a:32, b:32",
               {0xffc00000u, 0x3f800000u},
               {0x7fffffffu},
               "NaN has no sign"},
              {"max.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0x40000000u, 0x40400000u},
               {0x40400000u},
               "of 1, 2, 3"},
              {"max.NaN.abs.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0xc0400000u, 0x40000000u},
               {0x40400000u},
               "of |1|, |-3|, |2|"},
              {"max.f64 d:64, a:64, b:64", {0x8000000000000000u, 0}, {0}, "+0 > -0"},
              {"max.f64 d:64, a:64, b:64",
               {0x3ff0000000000000u, 0x7ff8000000000000u},
               {0x3ff0000000000000u},
               "NaN loses"},
              {"max.f16 d:16, a:16, b:16", {0x3c00, 0xbc00}, {0x3c00}, "1 > -1"},
              {"max.f16 d:16, a:16, b:16", {0, 0x8000}, {0}, "+0 > -0"},
              {"max.f16 d:16, a:16, b:16", {0x7e00, 0x3c00}, {0x3c00}, "NaN loses"},
              {"max.NaN.f16 d:16, a:16, b:16", {0x7e00, 0x3c00}, {0x7fff}, "NaN wins"},
              {"max.ftz.f16 d:16, a:16, b:16", {1, 0xbc00}, {0}, "flushed"},
              {"max.xorsign.abs.f16 d:16, a:16, b:16", {0xc000, 0xbc00}, {0x4000}, "signs agree"},
              {"max.f16x2 d:32, a:32, b:32", {0x3c007e00u, 0xbc003c00u}, {0x3c003c00u}, "halves"},
              {"max.bf16 d:16, a:16, b:16", {0x3f80, 0xbf80}, {0x3f80}, "1 > -1"},
              {"max.bf16 d:16, a:16, b:16", {1, 2}, {2}, "subnormals"},
              {"max.NaN.bf16x2 d:32, a:32, b:32",
               {0x3f807fc0u, 0xbf803f80u},
               {0x3f807fffu},
               "low half: NaN wins"},
          },
  };
}

}  // namespace attest::ptx
