// elect.sync: PTX ISA 9.0, 9.7.13.14. The manual leaves open which member leads; here the lowest.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

constexpr std::size_t kMask = 2;  // op: d, p, membermask

void elect(Warp& w, const Instr* i, u32 group) {
  const u32 leader = static_cast<u32>(std::countr_zero(group));
  for_each_lane(group, [&](u32 l) { w.row<u32>(i->op[0])[l] = leader; });
  write_predicate(w, i->op[1], group, 1u << leader);
}

}  // namespace

Insn insn_elect();
Insn insn_elect() {
  return {
      .opcode = "elect",
      .forms =
          {
              {"elect.sync d:32|p:p, a:32", always<each_group<elect, kMask>>},
          },
      .examples = {},
      .warp_examples =
          {
              {"elect.sync %a|%p, 0xffffffff; selp.b32 %value, 100, %a, %p;",
               {100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "lane 0 leads the warp"},
              {"setp.ge.u32 %q, %lane, 4; mov.u32 %value, 7; @%q elect.sync %value|%p, 0xfffffff0;",
               {7, 7, 7, 7, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
                4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4},
               "lane 4 leads lanes 4 to 31"},
              {"elect.sync _|%p, 0xffffffff; selp.b32 %value, 1, 0, %p;",
               {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "only the predicate"},
          },
  };
}

}  // namespace attest::ptx
