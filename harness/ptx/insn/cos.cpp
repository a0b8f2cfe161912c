// cos: PTX ISA 9.0, 9.7.3.19.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

namespace attest::ptx {

Insn insn_cos();
Insn insn_cos() {
  return {
      .opcode = "cos",
      .forms =
          {
              {"cos.approx{.ftz}.f32 d:32, a:32", approximate_f32<cos_32>},
          },
      .examples =
          {
              {"cos.approx.f32 d:32, a:32", {0x3f800000u}, {0x3f0a5140u}, "cos 1 = 0.540302306"},
              {"cos.approx.f32 d:32, a:32", {0xc0000000u}, {0xbed51133u}, "-0.416146837"},
              {"cos.approx.f32 d:32, a:32",
               {0x40490fdbu},
               {0xbf800000u},
               "of the f32 nearest to pi"},
              {"cos.approx.f32 d:32, a:32", {0x4e800000u}, {0x3f4965a3u}, "cos 2^30 = 0.786707123"},
              {"cos.approx.f32 d:32, a:32", {0x80000000u}, {0x3f800000u}, "manual: -0 gives 1"},
              {"cos.approx.ftz.f32 d:32, a:32", {0x80000001u}, {0x3f800000u}, "a subnormal: 1"},
              {"cos.approx.f32 d:32, a:32", {0x7f800000u}, {0x7fffffffu}, "manual: NaN of Inf"},
          },
  };
}

}  // namespace attest::ptx
