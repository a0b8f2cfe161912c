// lg2: PTX ISA 9.0, 9.7.3.20.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

namespace attest::ptx {

Insn insn_lg2();
Insn insn_lg2() {
  return {
      .opcode = "lg2",
      .forms =
          {
              {"lg2.approx{.ftz}.f32 d:32, a:32", approximate_f32<lg2_32>},
          },
      .examples =
          {
              {"lg2.approx.f32 d:32, a:32", {0x41000000u}, {0x40400000u}, "lg2(8) = 3"},
              {"lg2.approx.f32 d:32, a:32", {0x3f000000u}, {0xbf800000u}, "lg2(1/2) = -1"},
              {"lg2.approx.f32 d:32, a:32", {0x3f800000u}, {0}, "lg2(1) = +0"},
              {"lg2.approx.f32 d:32, a:32", {0x40400000u}, {0x3fcae00du}, "lg2(3) = 1.58496250"},
              {"lg2.approx.f32 d:32, a:32", {1}, {0xc3150000u}, "lg2(2^-149) = -149"},
              {"lg2.approx.ftz.f32 d:32, a:32", {1}, {0xff800000u}, "a subnormal is flushed"},
              {"lg2.approx.f32 d:32, a:32", {0x80000000u}, {0xff800000u}, "manual: -0 gives -Inf"},
              {"lg2.approx.f32 d:32, a:32", {0xbf800000u}, {0x7fffffffu}, "manual: NaN below 0"},
              {"lg2.approx.f32 d:32, a:32", {0x7f800000u}, {0x7f800000u}, "manual: +Inf"},
              {"lg2.approx.ftz.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
          },
  };
}

}  // namespace attest::ptx
