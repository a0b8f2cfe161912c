// copysign: PTX ISA 9.0, 9.7.3.2. The sign of a, the rest of b.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u32 copysign32(u32 a, u32 b) {
  return (a & 0x80000000U) | (b & 0x7fffffffU);
}
u64 copysign64(u64 a, u64 b) {
  return (a & 0x8000000000000000U) | (b & 0x7fffffffffffffffU);
}

}  // namespace

Insn insn_copysign();
Insn insn_copysign() {
  return {
      .opcode = "copysign",
      .forms =
          {
              {"copysign.f32 d:32, a:32, b:32", always<lift<copysign32, u32, u32, u32>>},
              {"copysign.f64 d:64, a:64, b:64", always<lift<copysign64, u64, u64, u64>>},
          },
      .examples =
          {
              {"copysign.f32 d:32, a:32, b:32",
               {0x80000000u, 0x40000000u},
               {0xc0000000u},
               "the sign of -0, the size of 2"},
              {"copysign.f32 d:32, a:32, b:32",
               {0x3f800000u, 0xff800000u},
               {0x7f800000u},
               "the sign of 1, the size of -Inf"},
              {"copysign.f32 d:32, a:32, b:32", {0xffc00000u, 1}, {0x80000001u}, "of a NaN"},
              {"copysign.f64 d:64, a:64, b:64",
               {0x8000000000000000u, 0x3ff0000000000000u},
               {0xbff0000000000000u},
               "the sign of -0, the size of 1"},
          },
  };
}

}  // namespace attest::ptx
