// barrier: PTX ISA 9.0, 9.7.13.1. Without .aligned the lanes of a warp may come one by one, but all
// to this instruction.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/block_barrier.h"

namespace attest::ptx {

Insn insn_barrier();
Insn insn_barrier() {
  return {
      .opcode = "barrier",
      .forms =
          {
              {"barrier{.cta}.sync{.aligned} #n", numbered_barrier},
              {"barrier{.cta}.sync{.aligned} a:32",
               always<sync_in_registers<Arrival::waits, false>>},
              {"barrier{.cta}.sync{.aligned} a:32, b:32",
               always<sync_in_registers<Arrival::waits, true>>},
              {"barrier{.cta}.arrive{.aligned} a:32, b:32",
               always<sync_in_registers<Arrival::goes_on, true>>},
              {"barrier{.cta}.red.popc{.aligned}.u32 d:32, a:32, c:!p",
               always<reduce_at_barrier<Reduction::count, false>>},
              {"barrier{.cta}.red.popc{.aligned}.u32 d:32, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::count, true>>},
              {"barrier{.cta}.red.and{.aligned}.pred p:p, a:32, c:!p",
               always<reduce_at_barrier<Reduction::all, false>>},
              {"barrier{.cta}.red.and{.aligned}.pred p:p, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::all, true>>},
              {"barrier{.cta}.red.or{.aligned}.pred p:p, a:32, c:!p",
               always<reduce_at_barrier<Reduction::any, false>>},
              {"barrier{.cta}.red.or{.aligned}.pred p:p, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::any, true>>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 4 .b8 s[128]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %b, %b, "
               "%a; st.shared.u32 [%b], %lane; barrier.sync 0; xor.b32 %b, %b, 124; "
               "ld.shared.u32 %value, [%b];",
               {31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0},
               "a reversal through shared memory"},
              {"mov.u32 %a, 2; setp.lt.u32 %p, %lane, 4; mov.u32 %value, 1; @!%p bra LATER; HERE: "
               "barrier.cta.sync.aligned %a; add.u32 %value, %value, 1; bra OUT; LATER: bra HERE; "
               "OUT:",
               std::vector<u32>(32, 2),
               "the first lanes wait for the others of their warp"},
          },
      .fault_examples =
          {
              {"setp.eq.u32 %p, %lane, 5; @!%p barrier.sync 1;",
               FindingKind::barrier_divergence,
               0,
               "one lane ends and never comes"},
          },
  };
}

}  // namespace attest::ptx
