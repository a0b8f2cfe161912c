// sin: PTX ISA 9.0, 9.7.3.18.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

namespace attest::ptx {

Insn insn_sin();
Insn insn_sin() {
  return {
      .opcode = "sin",
      .forms =
          {
              {"sin.approx{.ftz}.f32 d:32, a:32", approximate_f32<sin_32>},
          },
      .examples =
          {
              {"sin.approx.f32 d:32, a:32", {0x3f800000u}, {0x3f576aa4u}, "sin 1 = 0.841470985"},
              {"sin.approx.f32 d:32, a:32", {0xc0000000u}, {0xbf68c7b7u}, "-0.909297427"},
              {"sin.approx.f32 d:32, a:32",
               {0x40490fdbu},
               {0xb3bbbd2eu},
               "of the f32 nearest to pi"},
              {"sin.approx.f32 d:32, a:32",
               {0x4e800000u},
               {0xbf1e091bu},
               "sin 2^30 = -0.617326415"},
              {"sin.approx.f32 d:32, a:32", {0x80000000u}, {0x80000000u}, "manual: -0"},
              {"sin.approx.f32 d:32, a:32", {1}, {1}, "a subnormal"},
              {"sin.approx.ftz.f32 d:32, a:32", {0x80000001u}, {0x80000000u}, "manual: -0"},
              {"sin.approx.f32 d:32, a:32", {0xff800000u}, {0x7fffffffu}, "manual: NaN of Inf"},
          },
  };
}

}  // namespace attest::ptx
