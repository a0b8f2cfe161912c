// dp4a: PTX ISA 9.0, 9.7.1.23. The sum wraps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Byte n of a word, as A says.
template <class A>
s32 byte(u32 word, int n) {
  return static_cast<A>(word >> (8 * n));
}

template <class A, class B>
u32 dot4(u32 a, u32 b, u32 c) {
  for (int n = 0; n < 4; ++n)
    c += static_cast<u32>(byte<A>(a, n) * byte<B>(b, n));
  return c;
}

}  // namespace

Insn insn_dp4a();
Insn insn_dp4a() {
  return {
      .opcode = "dp4a",
      .forms =
          {
              {"dp4a.u32.u32 d:32, a:32, b:32, c:32",
               always<lift<dot4<u8, u8>, u32, u32, u32, u32>>},
              {"dp4a.u32.s32 d:32, a:32, b:32, c:32",
               always<lift<dot4<u8, s8>, u32, u32, u32, u32>>},
              {"dp4a.s32.u32 d:32, a:32, b:32, c:32",
               always<lift<dot4<s8, u8>, u32, u32, u32, u32>>},
              {"dp4a.s32.s32 d:32, a:32, b:32, c:32",
               always<lift<dot4<s8, s8>, u32, u32, u32, u32>>},
          },
      .examples =
          {
              {"dp4a.u32.u32 d:32, a:32, b:32, c:32",
               {0x01020304u, 0x05060708u, 100},
               {170},
               "32 + 21 + 12 + 5 + 100"},
              {"dp4a.u32.u32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 0xffffffffu, 0},
               {260100},
               "4 * 255 * 255"},
              {"dp4a.s32.s32 d:32, a:32, b:32, c:32",
               {0xffffffffu, 0xffffffffu, 0},
               {4},
               "4 * -1 * -1"},
              {"dp4a.s32.s32 d:32, a:32, b:32, c:32",
               {0x80808080u, 0x7f7f7f7fu, 0},
               {0xffff0200u},
               "4 * -128 * 127 = -65024"},
              {"dp4a.s32.u32 d:32, a:32, b:32, c:32",
               {0x000000ffu, 0x000000ffu, 0},
               {0xffffff01u},
               "-1 * 255"},
              {"dp4a.u32.s32 d:32, a:32, b:32, c:32",
               {0x0000ff00u, 0x0000ff00u, 1},
               {0xffffff02u},
               "255 * -1 + 1"},
              {"dp4a.s32.s32 d:32, a:32, b:32, c:32",
               {1, 1, 0x7fffffffu},
               {0x80000000u},
               "no saturation"},
          },

  };
}

}  // namespace attest::ptx
