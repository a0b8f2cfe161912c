// mad24: PTX ISA 9.0, 9.7.1.6.
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

/// .lo is the low word of the 48-bit product, .hi its bits 47 to 16; the sum wraps.
u32 low(u32 a, u32 b, u32 c) {
  return static_cast<u32>(product(a, b)) + c;
}
u32 high(u32 a, u32 b, u32 c) {
  return static_cast<u32>(product(a, b) >> 16) + c;
}
u32 signed_high(u32 a, u32 b, u32 c) {
  return static_cast<u32>(signed_product(a, b) >> 16) + c;
}
u32 signed_low(u32 a, u32 b, u32 c) {
  return static_cast<u32>(signed_product(a, b)) + c;
}
s32 high_saturated(u32 a, u32 b, s32 c) {
  constexpr s64 kMost = 0x7fffffff;
  const s64 sum = (signed_product(a, b) >> 16) + c;
  const s64 below = sum > kMost ? kMost : sum;
  return static_cast<s32>(below < -kMost - 1 ? -kMost - 1 : below);
}

}  // namespace

Insn insn_mad24();
Insn insn_mad24() {
  return {
      .opcode = "mad24",
      .forms =
          {
              {"mad24.lo.u32 d:32, a:32, b:32, c:32", always<lift<low, u32, u32, u32, u32>>},
              {"mad24.hi.u32 d:32, a:32, b:32, c:32", always<lift<high, u32, u32, u32, u32>>},
              {"mad24.lo.s32 d:32, a:32, b:32, c:32", always<lift<signed_low, u32, u32, u32, u32>>},
              {"mad24.hi.s32 d:32, a:32, b:32, c:32",
               always<lift<signed_high, u32, u32, u32, u32>>},
              {"mad24.hi.sat.s32 d:32, a:32, b:32, c:32",
               always<lift<high_saturated, s32, u32, u32, s32>>},
          },
      .examples =
          {
              {"mad24.lo.u32 d:32, a:32, b:32, c:32",
               {0xff000003u, 5, 2},
               {17},
               "the top bytes do not count"},
              {"mad24.hi.u32 d:32, a:32, b:32, c:32",
               {0xffffffu, 0xffffffu, 0x200u},
               {0},
               "0xfffffe000001 >> 16, plus 0x200, wraps"},
              {"mad24.lo.s32 d:32, a:32, b:32, c:32", {0x00ffffffu, 5, 7}, {2}, "-1 * 5 + 7"},
              {"mad24.hi.s32 d:32, a:32, b:32, c:32",
               {0x00800000u, 0x00800000u, 0x7fffffffu},
               {0xbfffffffu},
               "2^46 >> 16, plus 2^31 - 1: wraps without .sat"},
              {"mad24.hi.sat.s32 d:32, a:32, b:32, c:32",
               {0x00800000u, 0x00800000u, 0x7fffffffu},
               {0x7fffffffu},
               "the same sum, clamped"},
              {"mad24.hi.sat.s32 d:32, a:32, b:32, c:32",
               {0x00ffffffu, 5, 0x80000000u},
               {0x80000000u},
               "-1 - 2^31, clamped"},
          },
  };
}

}  // namespace attest::ptx
