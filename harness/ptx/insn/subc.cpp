// subc: PTX ISA 9.0, 9.7.2.4.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/carry.h"

namespace attest::ptx {

Insn insn_subc();
Insn insn_subc() {
  return {
      .opcode = "subc",
      .forms =
          {
              {"subc{.cc}.(u32|s32) d:32, a:32, b:32",
               carry_in<sub_with_borrow<u32>, u32, u32, u32>},
              {"subc{.cc}.(u64|s64) d:64, a:64, b:64",
               carry_in<sub_with_borrow<u64>, u64, u64, u64>},
          },
      .examples =
          {
              {"subc.u32 d:32, a:32, b:32", {9, 4}, {5}, "no borrow yet"},
              {"sub.cc.u32 d:32, a:32, b:32; subc.u32 d2:32, c:32, e:32",
               {0, 1, 6, 5},
               {0xffffffffu, 0},
               "0x600000000 - 0x500000001"},
              {"sub.cc.u32 d:32, a:32, b:32; subc.u32 d2:32, c:32, e:32",
               {1, 1, 6, 5},
               {0, 1},
               "no borrow out of equal words"},
              {"sub.cc.u32 d:32, a:32, b:32; subc.cc.u32 d2:32, c:32, c:32; "
               "subc.u32 d3:32, e:32, c:32",
               {0, 1, 7, 9},
               {0xffffffffu, 0xffffffffu, 1},
               "a borrow runs through 7 - 7, and into the third word: 9 - 7 - 1"},
              {"sub.cc.s64 d:64, a:64, b:64; subc.u64 d2:64, c:64, e:64",
               {0, 1, 1, 0},
               {0xffffffffffffffffu, 0},
               "64-bit words"},
          },
  };
}

}  // namespace attest::ptx
