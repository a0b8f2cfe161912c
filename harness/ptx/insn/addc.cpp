// addc: PTX ISA 9.0, 9.7.2.2.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/carry.h"

namespace attest::ptx {

Insn insn_addc();
Insn insn_addc() {
  return {
      .opcode = "addc",
      .forms =
          {
              {"addc{.cc}.(u32|s32) d:32, a:32, b:32",
               carry_in<add_with_carry<u32>, u32, u32, u32>},
              {"addc{.cc}.(u64|s64) d:64, a:64, b:64",
               carry_in<add_with_carry<u64>, u64, u64, u64>},
          },
      .examples =
          {
              {"addc.u32 d:32, a:32, b:32", {3, 4}, {7}, "no carry yet"},
              {"add.cc.u32 d:32, a:32, b:32; addc.u32 d2:32, c:32, e:32",
               {0xffffffffu, 1, 5, 6},
               {0, 12},
               "0x5ffffffff + 0x600000001"},
              {"add.cc.u32 d:32, a:32, b:32; addc.u32 d2:32, c:32, e:32",
               {0xfffffffeu, 1, 5, 6},
               {0xffffffffu, 11},
               "no carry out of the low words"},
              {"add.cc.u32 d:32, a:32, b:32; addc.cc.u32 d2:32, c:32, e:32; "
               "addc.u32 d3:32, c:32, c:32",
               {0xffffffffu, 1, 0xffffffffu, 0},
               {0, 0, 0xffffffffu},
               "a carry runs through 0xffffffff + 0, and into the third word"},
              {"add.cc.u64 d:64, a:64, b:64; addc.s64 d2:64, c:64, e:64",
               {0x8000000000000000u, 0x8000000000000000u, 0, 0},
               {0, 1},
               "64-bit words"},
          },
  };
}

}  // namespace attest::ptx
