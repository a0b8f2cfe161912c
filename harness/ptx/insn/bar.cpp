// bar: PTX ISA 9.0, 9.7.13.1 (bar.sync is barrier.sync.aligned) and 9.7.13.2 (bar.warp.sync).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/block_barrier.h"
#include "harness/ptx/insn/members.h"

namespace attest::ptx {
namespace {

const Instr* warp_barrier(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  const Instr* next = nullptr;
  if (!members_have_come(w, i, i->op[0], &next)) return next;
  w.sync_clock = w.cta->shared().warp_sync();
  return i + 1;
}

}  // namespace

Insn insn_bar();
Insn insn_bar() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "bar",
      .forms =
          {
              {"bar{.cta}.sync #n", numbered_barrier},
              {"bar{.cta}.sync a:32", always<sync_in_registers<Arrival::waits, false>>},
              {"bar{.cta}.sync a:32, b:32", always<sync_in_registers<Arrival::waits, true>>},
              {"bar{.cta}.arrive a:32, b:32", always<sync_in_registers<Arrival::goes_on, true>>},
              {"bar{.cta}.red.popc.u32 d:32, a:32, c:!p",
               always<reduce_at_barrier<Reduction::count, false>>},
              {"bar{.cta}.red.popc.u32 d:32, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::count, true>>},
              {"bar{.cta}.red.and.pred p:p, a:32, c:!p",
               always<reduce_at_barrier<Reduction::all, false>>},
              {"bar{.cta}.red.and.pred p:p, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::all, true>>},
              {"bar{.cta}.red.or.pred p:p, a:32, c:!p",
               always<reduce_at_barrier<Reduction::any, false>>},
              {"bar{.cta}.red.or.pred p:p, a:32, b:32, c:!p",
               always<reduce_at_barrier<Reduction::any, true>>},
              {"bar.warp.sync a:32", always<warp_barrier>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 4 .b8 s[128]; shl.b32 %a, %lane, 2; mov.u32 %b, s; add.u32 %b, %b, "
               "%a; st.shared.u32 [%b], %lane; "
               "bar.warp.sync 0xffffffff; xor.b32 %b, %b, 124; ld.shared.u32 %value, [%b];",
               {31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,
                15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  3,  2,  1,  0},
               "a reversal through shared memory, ordered by bar.warp.sync"},
              {"mov.u32 %a, 3; mov.u32 %value, 1; bar.sync %a; bar.cta.sync 15; add.u32 %value, "
               "%value, 1;",
               std::vector<u32>(32, 2),
               "a barrier whose number is in a register"},
              {"mov.u32 %value, 1; bar.sync 1, 32; bar.arrive 2, 64; bar.sync 2, 64; add.u32 "
               "%value, "
               "%value, 1;",
               std::vector<u32>(32, 2),
               "a barrier of one warp; one that it comes to twice"},
              {"setp.lt.u32 %p, %lane, 20; bar.red.popc.u32 %value, 0, %p;",
               std::vector<u32>(32, 20),
               "twenty threads"},
              {"setp.lt.u32 %p, %lane, 20; bar.red.popc.u32 %value, 3, 32, !%p;",
               std::vector<u32>(32, 12),
               "the other twelve"},
              {"setp.lt.u32 %p, %lane, 20; bar.red.and.pred %q, 0, %p; selp.b32 %value, 1, 2, %q;",
               std::vector<u32>(32, 2),
               "not all"},
              {"setp.lt.u32 %p, %lane, 32; bar.red.and.pred %q, 0, %p; selp.b32 %value, 1, 2, %q;",
               std::vector<u32>(32, 1),
               "all"},
              {"setp.eq.u32 %p, %lane, 20; bar.red.or.pred %q, 0, 32, %p; selp.b32 %value, 1, 2, "
               "%q;",
               std::vector<u32>(32, 1),
               "one is enough"},
              {"setp.gt.u32 %p, %lane, 31; bar.red.or.pred %q, 0, %p; selp.b32 %value, 1, 2, %q;",
               std::vector<u32>(32, 2),
               "nobody"},
          },
      .fault_examples =
          {
              {"setp.lt.u32 %p, %lane, 8; @%p bar.sync 0;",
               FindingKind::barrier_divergence,
               0,
               "only eight lanes of the warp come, the others end"},
              {"mov.u32 %a, 16; bar.sync %a;", FindingKind::barrier_divergence, 0, "0 to 15 exist"},
              {"bar.sync 0, 48;", FindingKind::barrier_divergence, 0, "whole warps come"},
              {"bar.sync 1, 64;", FindingKind::no_progress, 0, "the block has one warp"},
              {"bar.arrive 1, 64; bar.sync 1, 96;",
               FindingKind::barrier_divergence,
               0,
               "one barrier, two thread counts"},
              {"bar.warp.sync 0x7fffffff;",
               FindingKind::barrier_divergence,
               31,
               "lane 31 is not in its own mask"},
          },
  };
}

}  // namespace attest::ptx
