// fma: PTX ISA 9.0, 9.7.3.6 (f32, f64), 9.7.4.4 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"

#include <cmath>

namespace attest::ptx {
namespace {

double fma_f64(double a, double b, double c) {
  return std::fma(a, b, c);
}

struct Fma {
  static constexpr bool kTinyIsExact = false;

  template <Rounding kMode, bool kFtz>
  static float f32(float a, float b, float c) {
    return fma_f32<kMode, kFtz>(a, b, c);
  }
  template <class Half, bool kFtz>
  static u16 half(u16 a, u16 b, u16 c) {
    return fma_half<Half, kFtz>(a, b, c);
  }
};

}  // namespace

Insn insn_fma();
Insn insn_fma() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "fma",
      .forms =
          {
              {"fma.(rn|rz|rm|rp){.ftz}{.sat}.f32 d:32, a:32, b:32, c:32",
               f32_form<Fma, float, float, float>},
              {"fma.(rn|rz|rm|rp){.ftz}.f32x2 d:64, a:64, b:64, c:64",
               f32x2_form<Fma, u64, u64, u64>},
              {"fma.rn.f64 d:64, a:64, b:64, c:64",
               always<lift<fma_f64, double, double, double, double>>},
              {"fma.rn{.ftz}{.sat|.relu}.f16 d:16, a:16, b:16, c:16",
               half_form<Fma, F16, u16, u16, u16>},
              {"fma.rn{.ftz}{.sat|.relu}.f16x2 d:32, a:32, b:32, c:32",
               half2_form<Fma, F16, u32, u32, u32>},
              {"fma.rn{.relu}.bf16 d:16, a:16, b:16, c:16", half_form<Fma, Bf16, u16, u16, u16>},
              {"fma.rn{.relu}.bf16x2 d:32, a:32, b:32, c:32", half2_form<Fma, Bf16, u32, u32, u32>},
          },
      .examples =
          {
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x3f800001u, 0x3f800001u, 0xbf800002u},
               {0x28800000u},
               "(1 + 2^-23)^2 - (1 + 2^-22) = 2^-46: the product is not rounded"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x3f800800u, 0x3f800800u, 0x12800000u},
               {0x3f801001u},
               "a tie broken upward by 2^-90, which double would lose"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x3f800800u, 0x3f800800u, 0x92800000u},
               {0x3f801000u},
               "a tie broken downward by -2^-90"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x7f800000u, 0, 0x3f800000u},
               {0x7fffffffu},
               "Inf * 0 is the canonical NaN"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0x3f800000u, 0xffc12345u},
               {0x7fffffffu},
               "a NaN operand gives the canonical NaN"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x7f7fffffu, 0x40000000u, 0xff7fffffu},
               {0x7f7fffffu},
               "the product does not overflow"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32",
               {0x80000000u, 0x3f800000u, 0x80000000u},
               {0x80000000u},
               "-0 * 1 + -0 = -0"},
              {"fma.rn.f32 d:32, a:32, b:32, c:32", {0x3f800000u, 1, 1}, {2}, "subnormals"},
              {"fma.rn.ftz.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0x3f800000u, 1},
               {0x3f800000u},
               "a subnormal addend is flushed"},
              {"fma.rn.ftz.f32 d:32, a:32, b:32, c:32",
               {0x3f7fffffu, 0x80800000u, 0},
               {0x80000000u},
               "-(2^-126 - 2^-150) is tiny before rounding, so flushed"},
              {"fma.rn.ftz.f32 d:32, a:32, b:32, c:32",
               {0x40000000u, 0x3fc00000u, 0x3f800000u},
               {0x40800000u},
               "2 * 1.5 + 1 = 4"},
              {"fma.rm.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0x3f800000u, 0x30800000u},
               {0x3f800000u},
               "1 + 2^-30 down"},
              {"fma.rp.f32 d:32, a:32, b:32, c:32",
               {0x3f800000u, 0x3f800000u, 0x30800000u},
               {0x3f800001u},
               "1 + 2^-30 up"},
              {"fma.rz.f32 d:32, a:32, b:32, c:32",
               {0xbf800000u, 0x3f800000u, 0x30800000u},
               {0xbf7fffffu},
               "-1 + 2^-30 toward 0"},
              {"fma.rn.sat.f32 d:32, a:32, b:32, c:32",
               {0x40000000u, 0x3f800000u, 0},
               {0x3f800000u},
               "2 is clamped to 1"},
              {"fma.rn.ftz.sat.f32 d:32, a:32, b:32, c:32",
               {0x7f800000u, 0, 0},
               {0},
               ".sat makes NaN +0"},
              {"fma.rn.f32x2 d:64, a:64, b:64, c:64",
               {0x4040000040000000u, 0x4000000040000000u, 0x3f80000000000000u},
               {0x40e0000040800000u},
               "{2 * 2 + 0, 3 * 2 + 1}"},
              {"fma.rn.f64 d:64, a:64, b:64, c:64",
               {0x3ff0000000000001u, 0x3ff0000000000001u, 0xbff0000000000002u},
               {0x3970000000000000u},
               "(1 + 2^-52)^2 - (1 + 2^-51) = 2^-104"},
              {"fma.rn.f16 d:16, a:16, b:16, c:16",
               {0x3c20, 0x3c10, 0x0001},
               {0x3c31},
               "a tie broken upward by 2^-24, which f32 would lose"},
              {"fma.rn.f16 d:16, a:16, b:16, c:16", {0x7c00, 0, 0}, {0x7fff}, "canonical NaN"},
              {"fma.rn.f16 d:16, a:16, b:16, c:16", {0x3c00, 1, 1}, {2}, "subnormals"},
              {"fma.rn.ftz.f16 d:16, a:16, b:16, c:16", {0x3c00, 1, 1}, {0}, "flushed"},
              {"fma.rn.sat.f16 d:16, a:16, b:16, c:16",
               {0x4000, 0x3c00, 0},
               {0x3c00},
               "2 is clamped to 1"},
              {"fma.rn.relu.f16 d:16, a:16, b:16, c:16", {0xc000, 0x3c00, 0}, {0}, "-2 becomes 0"},
              {"fma.rn.relu.f16 d:16, a:16, b:16, c:16",
               {0x7c00, 0, 0},
               {0x7fff},
               ".relu keeps NaN"},
              {"fma.rn.f16x2 d:32, a:32, b:32, c:32",
               {0x42004000u, 0x40004000u, 0x3c000000u},
               {0x47004400u},
               "{2 * 2 + 0, 3 * 2 + 1}, low half first"},
              {"fma.rn.bf16 d:16, a:16, b:16, c:16",
               {0x3ff0, 0x3f98, 0x2b80},
               {0x400f},
               "15/8 * 19/16 + 2^-40 = 286/128; rounding in f32 first gives 284/128"},
              {"fma.rn.relu.bf16x2 d:32, a:32, b:32, c:32",
               {0xc0004000u, 0x3f803f80u, 0},
               {0x00004000u},
               "{2, max(-2, 0)}, low half first"},
              {"fma.rn.bf16x2 d:32, a:32, b:32, c:32",
               {0x3f803f80u, 0x3f803f80u, 0x80003f80u},
               {0x3f804000u},
               "{1 + 1, 1 + -0}, low half first"},
          },
  };
}

}  // namespace attest::ptx
