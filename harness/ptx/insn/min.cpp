// min: PTX ISA 9.0, 9.7.1.12 (integer), 9.7.3.11 (f32, f64), 9.7.4.7 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/extreme.h"

namespace attest::ptx {
namespace {

struct Min {
  template <class T>
  static T integer(T a, T b) {
    return b < a ? b : a;
  }
  template <bool kNan, bool kFtz>
  static float f32(float a, float b) {
    return min_f32<kNan, kFtz>(a, b);
  }
  template <class Half, bool kNan, bool kFtz>
  static u16 half(u16 a, u16 b) {
    return min_half<Half, kNan, kFtz>(a, b);
  }
};

/// -0 is less than +0; a NaN loses against a number.
double min_f64(double a, double b) {
  const double equal = std::bit_cast<double>(std::bit_cast<u64>(a) | std::bit_cast<u64>(b));
  const double found = a < b ? a : b < a ? b : equal;
  return a != a ? b : b != b ? a : found;
}

}  // namespace

Insn insn_min();
Insn insn_min() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "min",
      .forms =
          {
              {"min.u16 d:16, a:16, b:16", integer_extreme_form<Min, u16>},
              {"min.s16 d:16, a:16, b:16", integer_extreme_form<Min, s16>},
              {"min.u32 d:32, a:32, b:32", integer_extreme_form<Min, u32>},
              {"min{.relu}.s32 d:32, a:32, b:32", integer_extreme_form<Min, s32>},
              {"min.u64 d:64, a:64, b:64", integer_extreme_form<Min, u64>},
              {"min.s64 d:64, a:64, b:64", integer_extreme_form<Min, s64>},
              {"min.u16x2 d:32, a:32, b:32", integer_extreme_x2_form<Min, u16>},
              {"min{.relu}.s16x2 d:32, a:32, b:32", integer_extreme_x2_form<Min, s16>},
              {"min{.ftz}{.NaN}{.xorsign}{.abs}.f32 d:32, a:32, b:32", f32_extreme_form<Min>},
              {"min{.ftz}{.NaN}{.abs}.f32 d:32, a:32, b:32, c:32", f32_extreme3_form<Min>},
              {"min.f64 d:64, a:64, b:64", always<lift<min_f64, double, double, double>>},
              {"min{.ftz}{.NaN}{.xorsign}{.abs}.f16 d:16, a:16, b:16", half_extreme_form<Min, F16>},
              {"min{.ftz}{.NaN}{.xorsign}{.abs}.f16x2 d:32, a:32, b:32",
               half2_extreme_form<Min, F16>},
              {"min{.NaN}{.xorsign}{.abs}.bf16 d:16, a:16, b:16", half_extreme_form<Min, Bf16>},
              {"min{.NaN}{.xorsign}{.abs}.bf16x2 d:32, a:32, b:32", half2_extreme_form<Min, Bf16>},
          },
      .examples =
          {
              {"min.u16 d:16, a:16, b:16", {0xffff, 1}, {1}, "unsigned"},
              {"min.s16 d:16, a:16, b:16", {0xffff, 1}, {0xffff}, "-1 < 1"},
              {"min.u32 d:32, a:32, b:32", {0xffffffffu, 1}, {1}, "unsigned"},
              {"min.s32 d:32, a:32, b:32", {0xffffffffu, 1}, {0xffffffffu}, "-1 < 1"},
              {"min.relu.s32 d:32, a:32, b:32", {0xffffffffu, 1}, {0}, "-1 becomes 0"},
              {"min.relu.s32 d:32, a:32, b:32", {3, 2}, {2}, "a positive result stays"},
              {"min.u64 d:64, a:64, b:64", {0xffffffffffffffffu, 1}, {1}, "unsigned"},
              {"min.s64 d:64, a:64, b:64",
               {0xffffffffffffffffu, 1},
               {0xffffffffffffffffu},
               "-1 < 1"},
              {"min.u16x2 d:32, a:32, b:32", {0xffff0003u, 0x00010004u}, {0x00010003u}, "unsigned"},
              {"min.s16x2 d:32, a:32, b:32", {0xffff0003u, 0x00010004u}, {0xffff0003u}, "signed"},
              {"min.relu.s16x2 d:32, a:32, b:32",
               {0xffff0003u, 0x00010004u},
               {0x00000003u},
               "-1 becomes 0"},
              {"min.f32 d:32, a:32, b:32", {0x3f800000u, 0xbf800000u}, {0xbf800000u}, "-1 < 1"},
              {"min.f32 d:32, a:32, b:32", {0, 0x80000000u}, {0x80000000u}, "-0 < +0"},
              {"min.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0x80000000u}, "-0 < +0"},
              {"min.f32 d:32, a:32, b:32", {0x7fc00000u, 0x7f800000u}, {0x7f800000u}, "NaN loses"},
              {"min.f32 d:32, a:32, b:32", {0x7f800000u, 0xffc00000u}, {0x7f800000u}, "NaN loses"},
              {"min.f32 d:32, a:32, b:32", {0x7fc00001u, 0xffc00000u}, {0x7fffffffu}, "two NaN"},
              {"min.NaN.f32 d:32, a:32, b:32",
               {0x7fc00000u, 0x3f800000u},
               {0x7fffffffu},
               ".NaN: NaN wins"},
              {"min.f32 d:32, a:32, b:32", {1, 2}, {1}, "subnormals"},
              {"min.ftz.f32 d:32, a:32, b:32", {1, 2}, {0}, "flushed"},
              {"min.xorsign.abs.f32 d:32, a:32, b:32",
               {0xc0000000u, 0x3f800000u},
               {0xbf800000u},
               "min(|-2|, |1|), negative as signs differ"},
              {"min.xorsign.abs.f32 d:32, a:32, b:32",
               {0xc0000000u, 0xbf800000u},
               {0x3f800000u},
               "min(|-2|, |-1|), positive as signs agree"},
              {"min.f32 d:32, a:32, b:32, c:32",
               {0x40400000u, 0x40000000u, 0x3f800000u},
               {0x3f800000u},
               "of 3, 2, 1"},
              {"min.abs.f32 d:32, a:32, b:32, c:32",
               {0xc0400000u, 0xc0000000u, 0x40800000u},
               {0x40000000u},
               "of |-3|, |-2|, |4|"},
              {"min.f64 d:64, a:64, b:64", {0, 0x8000000000000000u}, {0x8000000000000000u}, "-0"},
              {"min.f64 d:64, a:64, b:64",
               {0x7ff8000000000000u, 0x3ff0000000000000u},
               {0x3ff0000000000000u},
               "NaN loses"},
              {"min.f16 d:16, a:16, b:16", {0x3c00, 0xbc00}, {0xbc00}, "-1 < 1"},
              {"min.f16 d:16, a:16, b:16", {0, 0x8000}, {0x8000}, "-0 < +0"},
              {"min.f16 d:16, a:16, b:16", {0x7e00, 0x3c00}, {0x3c00}, "NaN loses"},
              {"min.NaN.f16 d:16, a:16, b:16", {0x7e00, 0x3c00}, {0x7fff}, "NaN wins"},
              {"min.ftz.f16 d:16, a:16, b:16", {1, 0x3c00}, {0}, "flushed"},
              {"min.xorsign.abs.f16 d:16, a:16, b:16", {0xc000, 0x3c00}, {0xbc00}, "signs differ"},
              {"min.f16x2 d:32, a:32, b:32", {0x3c007e00u, 0xbc003c00u}, {0xbc003c00u}, "halves"},
              {"min.bf16 d:16, a:16, b:16", {0x3f80, 0xbf80}, {0xbf80}, "-1 < 1"},
              {"min.bf16 d:16, a:16, b:16", {1, 2}, {1}, "subnormals"},
              {"min.NaN.bf16x2 d:32, a:32, b:32",
               {0x3f807fc0u, 0xbf803f80u},
               {0xbf807fffu},
               "low half: NaN wins"},
          },
  };
}

}  // namespace attest::ptx
