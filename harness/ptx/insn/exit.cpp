// exit: PTX ISA 9.0, 9.7.12.7.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

const Instr* end_lanes(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  return m == 0 ? i + 1 : w.exit_lanes(m, i + 1);
}

}  // namespace

Insn insn_exit();
Insn insn_exit() {
  return {
      .opcode = "exit",
      .forms =
          {
              {"exit", always<end_lanes>},
          },
      .examples = {},
      .warp_examples =
          {
              {"ld.param.u64 %at, [out]; mov.b64 %wide, {%lane, 0}; shl.b64 %wide, %wide, 3; "
               "add.u64 %at, %at, %wide; mov.u64 %wide, 5; st.global.u64 [%at], %wide; setp.ge.u32 "
               "%p, %lane, 16; mov.u32 %value, 9; @%p exit;",
               {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
                5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5},
               "lanes that exit do not reach the store of the body's end"},
          },
  };
}

}  // namespace attest::ptx
