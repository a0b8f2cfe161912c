// dp2a: PTX ISA 9.0, 9.7.1.24. The sum wraps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Two halves of a, as A says, by two bytes of b, as B says: the low ones or the high ones.
template <class A, class B, int kFirst>
u32 dot2(u32 a, u32 b, u32 c) {
  for (int n = 0; n < 2; ++n) {
    const s32 half = static_cast<A>(a >> (16 * n));
    const s32 byte = static_cast<B>(b >> (8 * (kFirst + n)));
    c += static_cast<u32>(half * byte);
  }
  return c;
}

template <class A, class B>
Handler pick(const Match& match, Instr*) {
  return match.has("lo") ? lift<dot2<A, B, 0>, u32, u32, u32, u32>
                         : lift<dot2<A, B, 2>, u32, u32, u32, u32>;
}

}  // namespace

Insn insn_dp2a();
Insn insn_dp2a() {
  return {
      .opcode = "dp2a",
      .forms =
          {
              {"dp2a.(lo|hi).u32.u32 d:32, a:32, b:32, c:32", pick<u16, u8>},
              {"dp2a.(lo|hi).u32.s32 d:32, a:32, b:32, c:32", pick<u16, s8>},
              {"dp2a.(lo|hi).s32.u32 d:32, a:32, b:32, c:32", pick<s16, u8>},
              {"dp2a.(lo|hi).s32.s32 d:32, a:32, b:32, c:32", pick<s16, s8>},
          },
      .examples =
          {
              {"dp2a.lo.u32.u32 d:32, a:32, b:32, c:32",
               {0x00020003u, 0x07060504u, 100},
               {122},
               "3 * 4 + 2 * 5 + 100"},
              {"dp2a.hi.u32.u32 d:32, a:32, b:32, c:32",
               {0x00020003u, 0x07060504u, 100},
               {132},
               "3 * 6 + 2 * 7 + 100"},
              {"dp2a.lo.u32.u32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 0x0000ffffu, 0},
               {0x01fdfe02u},
               "2 * 65535 * 255"},
              {"dp2a.lo.s32.s32 d:32, a:32, b:32, c:32",
               {0x8000ffffu, 0x00007f80u, 0},
               {0xffc08080u},
               "-1 * -128 - 32768 * 127"},
              {"dp2a.hi.s32.u32 d:32, a:32, b:32, c:32",
               {0x0000ffffu, 0x00ff0000u, 0},
               {0xffffff01u},
               "-1 * 255"},
              {"dp2a.hi.u32.s32 d:32, a:32, b:32, c:32",
               {0xffff0000u, 0xff000000u, 0},
               {0xffff0001u},
               "65535 * -1"},
          },

  };
}

}  // namespace attest::ptx
