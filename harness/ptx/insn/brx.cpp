// brx.idx: PTX ISA 9.0, 9.7.12.3.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/jump.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

/// more: code indices of the targets, imm of them. The manual leaves an index beyond them open.
const Instr* branch_indexed(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const u32* index = w.row<const u32>(i->op[0]);
  for (u32 rest = m; rest != 0; rest &= rest - 1) {
    const int lane = std::countr_zero(rest);
    if (index[lane] < i->imm) continue;
    return report(w,
                  i,
                  lane,
                  FindingKind::out_of_bounds,
                  "index " + std::to_string(index[lane]) + " of " + std::to_string(i->imm) +
                      " branch targets");
  }
  const Instr* code = w.cta->grid().program().code.data();
  return send_lanes(w, i, m, [&](u32 lane) { return code + i->more[index[lane]]; });
}

}  // namespace

Insn insn_brx();
Insn insn_brx() {
  return {
      .opcode = "brx",
      .forms = {{"brx.idx{.uni} a:32, L", always<branch_indexed>, Propagation::decides}},
      .examples = {},
      .warp_examples =
          {
              {"and.b32 %a, %lane, 3; mov.u32 %value, 0; T: .branchtargets A, B, B, C; "
               "brx.idx %a, T; A: add.u32 %value, %value, 1; B: add.u32 %value, %value, 10; "
               "C: add.u32 %value, %value, 100;",
               {111, 110, 110, 100, 111, 110, 110, 100, 111, 110, 110, 100, 111, 110, 110, 100,
                111, 110, 110, 100, 111, 110, 110, 100, 111, 110, 110, 100, 111, 110, 110, 100},
               "each lane enters where its index says; all meet again"},
              {"mov.u32 %value, 1; mov.u32 %a, 1; setp.lt.u32 %p, %lane, 8; T: .branchtargets A, "
               "B; @%p brx.idx %a, T; A: add.u32 %value, %value, 1; B: shl.b32 %value, %value, 4;",
               {16, 16, 16, 16, 16, 16, 16, 16, 32, 32, 32, 32, 32, 32, 32, 32,
                32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32},
               "lanes without the guard go on"},
          },
      .fault_examples =
          {
              {"T: .branchtargets A, B; shr.u32 %a, %lane, 2; brx.idx %a, T; A: B:",
               FindingKind::out_of_bounds,
               8,
               "two targets, index 2"},
          },
  };
}

}  // namespace attest::ptx
