// add: PTX ISA 9.0, 9.7.1.1 (integer), 9.7.3.3 (f32, f64), 9.7.4.1 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"
#include "harness/ptx/insn/carry.h"

namespace attest::ptx {
namespace {

u16 add16(u16 a, u16 b) {
  return static_cast<u16>(a + b);
}
u32 add32(u32 a, u32 b) {
  return a + b;
}
u64 add64(u64 a, u64 b) {
  return a + b;
}
u32 add_sat(u32 a, u32 b) {
  const u32 sum = a + b;
  const bool overflows = ((a ^ sum) & (b ^ sum)) >> 31 != 0;
  return overflows ? 0x7fffffffU + (a >> 31) : sum;
}
double add_f64(double a, double b) {
  return a + b;
}

struct Add {
  static constexpr bool kTinyIsExact = true;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b) {
    return add_f32<kMode, kFtz>(a, b);
  }
  template <class Half, bool kFtz>
  static u16 half(u16 a, u16 b) {
    return add_half<Half, kFtz>(a, b);
  }
};

}  // namespace

Insn insn_add();
Insn insn_add() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "add",
      .forms =
          {
              {"add.(u16|s16) d:16, a:16, b:16", always<lift<add16, u16, u16, u16>>},
              {"add.(u32|s32) d:32, a:32, b:32", always<lift<add32, u32, u32, u32>>},
              {"add.(u64|s64) d:64, a:64, b:64", always<lift<add64, u64, u64, u64>>},
              {"add.cc.(u32|s32) d:32, a:32, b:32", kCarryOut<add_with_carry<u32>, u32, u32, u32>},
              {"add.cc.(u64|s64) d:64, a:64, b:64", kCarryOut<add_with_carry<u64>, u64, u64, u64>},
              {"add.sat.s32 d:32, a:32, b:32", always<lift<add_sat, u32, u32, u32>>},
              {"add.(u16x2|s16x2) d:32, a:32, b:32",
               always<lift<each_half<add16, u32, u32>, u32, u32, u32>>},
              {"add{.rn|.rz|.rm|.rp}{.ftz}{.sat}.f32 d:32, a:32, b:32",
               f32_form<Add, float, float>},
              {"add{.rn|.rz|.rm|.rp}{.ftz}.f32x2 d:64, a:64, b:64", f32x2_form<Add, u64, u64>},
              {"add{.rn}.f64 d:64, a:64, b:64", always<lift<add_f64, double, double, double>>},
              {"add{.rn}{.ftz}{.sat}.f16 d:16, a:16, b:16", half_form<Add, F16, u16, u16>},
              {"add{.rn}{.ftz}{.sat}.f16x2 d:32, a:32, b:32", half2_form<Add, F16, u32, u32>},
              {"add{.rn}.bf16 d:16, a:16, b:16", half_form<Add, Bf16, u16, u16>},
              {"add{.rn}.bf16x2 d:32, a:32, b:32", half2_form<Add, Bf16, u32, u32>},
          },
      .examples =
          {
              {"add.u32 d:32, a:32, b:32", {0xffffffffu, 2}, {1}, "wraps modulo 2^32"},
              {"add.s16 d:16, a:16, b:16", {0xffff, 2}, {1}, "wraps modulo 2^16"},
              {"add.s64 d:64, a:64, b:64", {0xffffffffu, 1}, {0x100000000u}, "carries"},
              {"add.sat.s32 d:32, a:32, b:32", {0x7fffffffu, 1}, {0x7fffffffu}, "clamps above"},
              {"add.sat.s32 d:32, a:32, b:32",
               {0x80000000u, 0xffffffffu},
               {0x80000000u},
               "clamps below"},
              {"add.sat.s32 d:32, a:32, b:32", {0xffffffffu, 2}, {1}, "-1 + 2 = 1"},
              {"add.u16x2 d:32, a:32, b:32",
               {0x0001ffffu, 0x00010001u},
               {0x00020000u},
               "no carry between halves"},
              {"add.f32 d:32, a:32, b:32",
               {0x3fc00000u, 0x40100000u},
               {0x40700000u},
               "1.5 + 2.25 = 3.75"},
              {"add.f32 d:32, a:32, b:32",
               {0x7f800000u, 0xff800000u},
               {0x7fffffffu},
               "Inf - Inf is the canonical NaN"},
              {"add.f32 d:32, a:32, b:32",
               {0xffc12345u, 0x3f800000u},
               {0x7fffffffu},
               "a NaN operand gives the canonical NaN"},
              {"add.f32 d:32, a:32, b:32", {0x80000000u, 0x80000000u}, {0x80000000u}, "-0 + -0"},
              {"add.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0}, "-0 + 0 = +0 to nearest"},
              {"add.rm.f32 d:32, a:32, b:32", {0x80000000u, 0}, {0x80000000u}, "-0 toward -Inf"},
              {"add.f32 d:32, a:32, b:32", {1, 1}, {2}, "subnormals"},
              {"add.ftz.f32 d:32, a:32, b:32", {1, 1}, {0}, "subnormal operands are flushed"},
              {"add.ftz.f32 d:32, a:32, b:32",
               {0x00800001u, 0x80800000u},
               {0},
               "2^-126 + 2^-149 - 2^-126 is flushed"},
              {"add.rn.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x33800000u},
               {0x3f800000u},
               "1 + 2^-24: a tie to even"},
              {"add.rp.f32 d:32, a:32, b:32",
               {0x3f800000u, 0x33800000u},
               {0x3f800001u},
               "1 + 2^-24 up"},
              {"add.rz.ftz.f32 d:32, a:32, b:32",
               {0x3f800001u, 0x33800000u},
               {0x3f800001u},
               "1 + 2^-23 + 2^-24 toward 0"},
              {"add.rz.f32 d:32, a:32, b:32",
               {0x7f7fffffu, 0x7f7fffffu},
               {0x7f7fffffu},
               "overflow toward 0 is the largest finite"},
              {"add.rn.f32 d:32, a:32, b:32",
               {0x7f7fffffu, 0x7f7fffffu},
               {0x7f800000u},
               "overflow to nearest is Inf"},
              {"add.sat.f32 d:32, a:32, b:32",
               {0x3f400000u, 0x3f000000u},
               {0x3f800000u},
               "1.25 is clamped to 1"},
              {"add.ftz.sat.f32 d:32, a:32, b:32", {0x7fc00000u, 0}, {0}, ".sat makes NaN +0"},
              {"add.rn.f32x2 d:64, a:64, b:64",
               {0x3f80000040000000u, 0x4000000040000000u},
               {0x4040000040800000u},
               "{2, 1} + {2, 2}, low word first"},
              {"add.f64 d:64, a:64, b:64",
               {0x3ff0000000000000u, 0x3cb0000000000000u},
               {0x3ff0000000000001u},
               "1 + 2^-52"},
              {"add.f16 d:16, a:16, b:16", {0x3e00, 0x4080}, {0x4380}, "1.5 + 2.25 = 3.75"},
              {"add.rn.f16 d:16, a:16, b:16", {0x3c00, 0x1000}, {0x3c00}, "1 + 2^-11: to even"},
              {"add.f16 d:16, a:16, b:16", {0x7bff, 0x7bff}, {0x7c00}, "65504 + 65504 overflows"},
              {"add.f16 d:16, a:16, b:16", {0x7c00, 0xfc00}, {0x7fff}, "canonical NaN"},
              {"add.f16 d:16, a:16, b:16", {1, 1}, {2}, "subnormals"},
              {"add.ftz.f16 d:16, a:16, b:16", {1, 1}, {0}, "flushed"},
              {"add.sat.f16 d:16, a:16, b:16", {0x3c00, 0x3c00}, {0x3c00}, "2 is clamped to 1"},
              {"add.rn.f16x2 d:32, a:32, b:32",
               {0x3c004000u, 0x3c003c00u},
               {0x40004200u},
               "{2, 1} + {1, 1} = {3, 2}, low half first"},
              {"add.rn.bf16 d:16, a:16, b:16", {0x3f80, 0x3b80}, {0x3f80}, "1 + 2^-8: to even"},
              {"add.bf16x2 d:32, a:32, b:32",
               {0x3f807f80u, 0x3f80ff80u},
               {0x40007fffu},
               "low half: Inf - Inf; high half: 1 + 1"},
          },
  };
}

}  // namespace attest::ptx
