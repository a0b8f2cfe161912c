// madc: PTX ISA 9.0, 9.7.2.6.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/carry.h"

namespace attest::ptx {

Insn insn_madc();
Insn insn_madc() {
  return {
      .opcode = "madc",
      .forms =
          {
              {"madc.lo{.cc}.(u32|s32) d:32, a:32, b:32, c:32",
               carry_in<mad_low_with_carry<u32>, u32, u32, u32, u32>},
              {"madc.hi{.cc}.u32 d:32, a:32, b:32, c:32",
               carry_in<mad_high_with_carry<u32, u32, u64>, u32, u32, u32, u32>},
              {"madc.hi{.cc}.s32 d:32, a:32, b:32, c:32",
               carry_in<mad_high_with_carry<u32, s32, s64>, u32, u32, u32, u32>},
              {"madc.lo{.cc}.(u64|s64) d:64, a:64, b:64, c:64",
               carry_in<mad_low_with_carry<u64>, u64, u64, u64, u64>},
              {"madc.hi{.cc}.u64 d:64, a:64, b:64, c:64",
               carry_in<mad_high_with_carry<u64, u64, UnsignedCarry128>, u64, u64, u64, u64>},
              {"madc.hi{.cc}.s64 d:64, a:64, b:64, c:64",
               carry_in<mad_high_with_carry<u64, s64, Carry128>, u64, u64, u64, u64>},
          },
      .examples =
          {
              {"madc.lo.u32 d:32, a:32, b:32, c:32", {3, 4, 5}, {17}, "no carry yet"},
              {"mad.lo.cc.u32 d:32, a:32, b:32, c:32; madc.hi.u32 d2:32, a:32, b:32, e:32",
               {0xffffffffu, 0xffffffffu, 0xffffffffu, 0},
               {0, 0xffffffffu},
               "(2^32 - 1)^2 + 2^32 - 1 = (2^32 - 1) 2^32"},
              {"mad.lo.cc.u32 d:32, a:32, b:32, c:32; madc.hi.s32 d2:32, a:32, b:32, e:32",
               {0xffffffffu, 2, 5, 7},
               {3, 7},
               "-2 + 5 carries; the upper half of -2 is -1: -1 + 7 + 1"},
              {"mad.lo.cc.u32 d:32, a:32, b:32, c:32; madc.hi.cc.u32 d2:32, a:32, b:32, e:32; "
               "addc.u32 d3:32, f:32, f:32",
               {1, 0xffffffffu, 1, 0xffffffffu, 0},
               {0, 0, 1},
               "a carry runs through both halves"},
              {"mad.lo.cc.u64 d:64, a:64, b:64, c:64; madc.hi.u64 d2:64, a:64, b:64, e:64",
               {0x8000000000000000u, 4, 0, 1},
               {0, 3},
               "2^65 is 2 in the upper word, plus 1"},
          },
  };
}

}  // namespace attest::ptx
