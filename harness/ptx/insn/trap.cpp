// trap: PTX ISA 9.0, 9.7.19.4.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

const Instr* abort_kernel(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  return report(w, i, std::countr_zero(m), FindingKind::trap, "the kernel executed a trap");
}

}  // namespace

Insn insn_trap();
Insn insn_trap() {
  return {
      .opcode = "trap",
      .forms =
          {
              {"trap", always<abort_kernel>},
          },
      .examples = {},
      .warp_examples =
          {
              {"setp.gt.u32 %p, %lane, 31; mov.u32 %value, 1; @%p trap;",
               std::vector<u32>(32, 1),
               "nobody executes it"},
          },
      .fault_examples =
          {
              {"setp.eq.u32 %p, %lane, 6; @%p trap;", FindingKind::trap, 6, "ends the kernel"},
          },
  };
}

}  // namespace attest::ptx
