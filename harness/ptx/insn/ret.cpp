// ret: PTX ISA 9.0, 9.7.12.6. At the level of an entry it ends the lane; in a function it sends it
// back.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/jump.h"
#include "harness/ptx/machine/cta.h"

namespace attest::ptx {
namespace {

const Instr* end_lanes(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  return m == 0 ? i + 1 : w.exit_lanes(m, i + 1);
}

/// op[0]: row of the code indices to return to; the decoder names it.
const Instr* return_to_callers(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const Instr* code = w.cta->grid().program().code.data();
  const u32* back = w.row<const u32>(i->op[0]);
  return send_lanes(w, i, m, [&](u32 lane) { return code + back[lane]; });
}

}  // namespace

Insn insn_ret();
Insn insn_ret() {
  return {
      .opcode = "ret",
      .forms =
          {
              {"ret{.uni}", always<end_lanes>},
              {"ret{.uni} a:32", always<return_to_callers>},
          },
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
