// mul24: PTX ISA 9.0, 9.7.1.5.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

u64 product(u32 a, u32 b) {
  return u64{a & 0xffffffu} * (b & 0xffffffu);
}
s64 signed_product(u32 a, u32 b) {
  return s64{static_cast<s32>(a << 8) >> 8} * (static_cast<s32>(b << 8) >> 8);
}

/// .lo is the low word of the 48-bit product, .hi its bits 47 to 16.
u32 low(u32 a, u32 b) {
  return static_cast<u32>(product(a, b));
}
u32 high(u32 a, u32 b) {
  return static_cast<u32>(product(a, b) >> 16);
}
u32 signed_low(u32 a, u32 b) {
  return static_cast<u32>(signed_product(a, b));
}
u32 signed_high(u32 a, u32 b) {
  return static_cast<u32>(signed_product(a, b) >> 16);
}

}  // namespace

Insn insn_mul24();
Insn insn_mul24() {
  return {
      .opcode = "mul24",
      .forms =
          {
              {"mul24.lo.u32 d:32, a:32, b:32", always<lift<low, u32, u32, u32>>},
              {"mul24.hi.u32 d:32, a:32, b:32", always<lift<high, u32, u32, u32>>},
              {"mul24.lo.s32 d:32, a:32, b:32", always<lift<signed_low, u32, u32, u32>>},
              {"mul24.hi.s32 d:32, a:32, b:32", always<lift<signed_high, u32, u32, u32>>},
          },
      .examples =
          {
              {"mul24.lo.u32 d:32, a:32, b:32",
               {0xff000003u, 5},
               {15},
               "the top bytes do not count"},
              {"mul24.lo.u32 d:32, a:32, b:32",
               {0xffffffu, 0xffffffu},
               {0xfe000001u},
               "0xfffffe000001, low word"},
              {"mul24.hi.u32 d:32, a:32, b:32",
               {0xffffffu, 0xffffffu},
               {0xfffffe00u},
               "0xfffffe000001 >> 16"},
              {"mul24.lo.s32 d:32, a:32, b:32", {0x00ffffffu, 5}, {0xfffffffbu}, "-1 * 5"},
              {"mul24.hi.s32 d:32, a:32, b:32", {0x00ffffffu, 5}, {0xffffffffu}, "-5 >> 16"},
              {"mul24.hi.s32 d:32, a:32, b:32",
               {0x00800000u, 0x00800000u},
               {0x40000000u},
               "2^46 >> 16"},
          },

  };
}

}  // namespace attest::ptx
