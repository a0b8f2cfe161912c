// brkpt: PTX ISA 9.0, 9.7.19.1. Without a debugger the kernel ends there.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

const Instr* stop_kernel(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  return report(w, i, std::countr_zero(m), FindingKind::trap, "the kernel executed a breakpoint");
}

}  // namespace

Insn insn_brkpt();
Insn insn_brkpt() {
  return {
      .opcode = "brkpt",
      .forms = {{"brkpt", always<stop_kernel>}},
      .examples = {},
      .warp_examples =
          {
              {"setp.gt.u32 %p, %lane, 31; mov.u32 %value, 1; @%p brkpt;",
               std::vector<u32>(32, 1),
               "nobody executes it"},
          },
      .fault_examples =
          {
              {"setp.eq.u32 %p, %lane, 9; @%p brkpt;", FindingKind::trap, 9, "ends the kernel"},
          },
  };
}

}  // namespace attest::ptx
