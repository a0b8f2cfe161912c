// activemask: PTX ISA 9.0, 9.7.13.11.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

const Instr* executing_lanes(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  for_each_lane(m, [&](u32 l) { w.row<u32>(i->op[0])[l] = m; });
  return i + 1;
}

}  // namespace

Insn insn_activemask();
Insn insn_activemask() {
  return {
      .opcode = "activemask",
      .forms =
          {
              {"activemask.b32 d:32", always<executing_lanes>},
          },
      .examples = {},
      .warp_examples =
          {
              {"activemask.b32 %value;", std::vector<u32>(32, 0xffffffffu), "a converged warp"},
              {"setp.lt.u32 %p, %lane, 4; mov.u32 %value, 0; @%p activemask.b32 %value;",
               {0xf, 0xf, 0xf, 0xf, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "lanes whose guard is false do not execute"},
          },
  };
}

}  // namespace attest::ptx
