// ret: PTX ISA 9.0, 9.7.12.6. At the level of an entry it ends the lane.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

const Instr* end_lanes(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  return m == 0 ? i + 1 : w.exit_lanes(m, i + 1);
}

}  // namespace

Insn insn_ret();
Insn insn_ret() {
  return {
      .opcode = "ret",
      .forms = {{"ret{.uni}", always<end_lanes>}},
      .examples = {},
      .warp_examples =
          {
              {"setp.lt.u32 %p, %lane, 4; mov.u32 %value, 7; @!%p bra GO; bra END; GO: mov.u32 "
               "%value, 9; END:",
               {7, 7, 7, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
                9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9},
               "the body's own ret comes after END"},
          },
  };
}

}  // namespace attest::ptx
