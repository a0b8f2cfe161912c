// sub: PTX ISA 9.0, 9.7.1.2 (integer), 9.7.3.4 (f32, f64), 9.7.4.2 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"
#include "harness/ptx/insn/carry.h"

namespace attest::ptx {
namespace {

u16 sub16(u16 a, u16 b) {
  return static_cast<u16>(a - b);
}
u32 sub32(u32 a, u32 b) {
  return a - b;
}
u64 sub64(u64 a, u64 b) {
  return a - b;
}
u32 sub_sat(u32 a, u32 b) {
  const u32 difference = a - b;
  const bool overflows = ((a ^ b) & (a ^ difference)) >> 31 != 0;
  return overflows ? 0x7fffffffU + (a >> 31) : difference;
}
double sub_f64(double a, double b) {
  return a - b;
}

struct Sub {
  static constexpr bool kTinyIsExact = true;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b) {
    return add_f32<kMode, kFtz>(a, -b);
  }
  template <class Half, bool kFtz>
  static u16 half(u16 a, u16 b) {
    return add_half<Half, kFtz>(a, static_cast<u16>(b ^ 0x8000U));
  }
};

}  // namespace

Insn insn_sub();
Insn insn_sub() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "sub",
      .forms =
          {
              {"sub.(u16|s16) d:16, a:16, b:16", always<lift<sub16, u16, u16, u16>>},
              {"sub.(u32|s32) d:32, a:32, b:32", always<lift<sub32, u32, u32, u32>>},
              {"sub.(u64|s64) d:64, a:64, b:64", always<lift<sub64, u64, u64, u64>>},
              {"sub.cc.(u32|s32) d:32, a:32, b:32", kCarryOut<sub_with_borrow<u32>, u32, u32, u32>},
              {"sub.cc.(u64|s64) d:64, a:64, b:64", kCarryOut<sub_with_borrow<u64>, u64, u64, u64>},
              {"sub.sat.s32 d:32, a:32, b:32", always<lift<sub_sat, u32, u32, u32>>},
              {"sub{.rn|.rz|.rm|.rp}{.ftz}{.sat}.f32 d:32, a:32, b:32",
               f32_form<Sub, float, float>},
              {"sub{.rn|.rz|.rm|.rp}{.ftz}.f32x2 d:64, a:64, b:64", f32x2_form<Sub, u64, u64>},
              {"sub{.rn}.f64 d:64, a:64, b:64", always<lift<sub_f64, double, double, double>>},
              {"sub{.rn}{.ftz}{.sat}.f16 d:16, a:16, b:16", half_form<Sub, F16, u16, u16>},
              {"sub{.rn}{.ftz}{.sat}.f16x2 d:32, a:32, b:32", half2_form<Sub, F16, u32, u32>},
              {"sub{.rn}.bf16 d:16, a:16, b:16", half_form<Sub, Bf16, u16, u16>},
              {"sub{.rn}.bf16x2 d:32, a:32, b:32", half2_form<Sub, Bf16, u32, u32>},
          },
      .examples =
          {
              {"sub.s32 d:32, a:32, b:32", {1, 2}, {0xffffffffu}, "1 - 2 = -1"},
              {"sub.s16 d:16, a:16, b:16", {0, 1}, {0xffff}, "0 - 1 = -1"},
              {"sub.s64 d:64, a:64, b:64", {0, 1}, {0xffffffffffffffffu}, "0 - 1 = -1"},
              {"sub.sat.s32 d:32, a:32, b:32", {0x80000000u, 1}, {0x80000000u}, "clamps below"},
              {"sub.sat.s32 d:32, a:32, b:32", {0, 0x80000000u}, {0x7fffffffu}, "clamps above"},
              {"sub.sat.s32 d:32, a:32, b:32", {5, 7}, {0xfffffffeu}, "5 - 7 = -2"},
              {"sub.f32 d:32, a:32, b:32",
               {0x40700000u, 0x40100000u},
               {0x3fc00000u},
               "3.75 - 2.25 = 1.5"},
              {"sub.f32 d:32, a:32, b:32",
               {0x7f800000u, 0x7f800000u},
               {0x7fffffffu},
               "Inf - Inf is the canonical NaN"},
              {"sub.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x7fc12345u},
               {0x7fffffffu},
               "a NaN operand gives the canonical NaN"},
              {"sub.f32 d:32, a:32, b:32", {0x3f800000u, 0x3f800000u}, {0}, "x - x = +0"},
              {"sub.rm.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x3f800000u},
               {0x80000000u},
               "x - x = -0 toward -Inf"},
              {"sub.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0x80000000u}, "-0 - 0 = -0"},
              {"sub.f32 d:32, a:32, b:32", {3, 1}, {2}, "subnormals"},
              {"sub.ftz.f32 d:32, a:32, b:32",
               {0x80000003u, 1},
               {0x80000000u},
               "-0 - 0 = -0 after the flush"},
              {"sub.rz.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x30800000u},
               {0x3f7fffffu},
               "1 - 2^-30 toward 0"},
              {"sub.sat.f32 d:32, a:32, b:32", {0, 0x3f800000u}, {0}, "-1 is clamped to 0"},
              {"sub.f32x2 d:64, a:64, b:64",
               {0x4040000040400000u, 0x3f80000040000000u},
               {0x400000003f800000u},
               "{3, 3} - {2, 1}, low word first"},
              {"sub.f64 d:64, a:64, b:64",
               {0x3ff0000000000000u, 0x3ff8000000000000u},
               {0xbfe0000000000000u},
               "1 - 1.5 = -0.5"},
              {"sub.f16 d:16, a:16, b:16", {0x4380, 0x4080}, {0x3e00}, "3.75 - 2.25 = 1.5"},
              {"sub.f16 d:16, a:16, b:16", {0x7c00, 0x7c00}, {0x7fff}, "canonical NaN"},
              {"sub.ftz.f16 d:16, a:16, b:16", {0x0401, 0x0400}, {0}, "a subnormal is flushed"},
              {"sub.f16x2 d:32, a:32, b:32",
               {0x3c004200u, 0x40003c00u},
               {0xbc004000u},
               "{3, 1} - {1, 2} = {2, -1}, low half first"},
              {"sub.bf16 d:16, a:16, b:16", {0x4040, 0x3f80}, {0x4000}, "3 - 1 = 2"},
              {"sub.rn.bf16x2 d:32, a:32, b:32",
               {0x3f804040u, 0x40003f80u},
               {0xbf804000u},
               "{3, 1} - {1, 2} = {2, -1}, low half first"},
          },
  };
}

}  // namespace attest::ptx
