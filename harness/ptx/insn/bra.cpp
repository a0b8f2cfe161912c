// bra: PTX ISA 9.0, 9.7.12.2.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

const Instr* branch(Warp& w, const Instr* i) {
  const u32 taken = w.lanes(*i);
  if (taken == w.active) return i->target;
  if (taken == 0) return i + 1;
  return w.diverge(i->target, taken, i + 1);
}

}  // namespace

Insn insn_bra();
Insn insn_bra() {
  return {
      .opcode = "bra",
      .forms = {{"bra{.uni} L", always<branch>}},
      .examples = {},
      .warp_examples =
          {
              {"setp.lt.u32 %p, %lane, 8; mov.u32 %value, 1; @%p bra SKIP; mov.u32 %value, 2; "
               "SKIP: add.u32 %value, %value, 1;",
               {2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3,
                3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3},
               "lanes that branch skip the second mov; all meet again"},
              {"mov.u32 %value, 0; LOOP: setp.ge.u32 %p, %value, %lane; @%p bra OUT; add.u32 "
               "%value, %value, 1; bra LOOP; OUT: add.u32 %value, %value, 100;",
               {100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,
                116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131},
               "each lane leaves a loop after its own number of turns"},
          },
  };
}

}  // namespace attest::ptx
