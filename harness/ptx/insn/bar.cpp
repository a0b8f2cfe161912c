// bar, barrier: PTX ISA 9.0, 9.7.13.1 (bar.sync) and 9.7.13.2 (bar.warp.sync).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

/// Every lane of the warp arrives together (.aligned); the CTA lets the warp go.
const Instr* block_barrier(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  const Instr* next = nullptr;
  if (!w.converged(i, w.started, &next)) return next;
  if (w.live != w.started) {
    return report(w,
                  i,
                  __builtin_ctz(w.live),
                  FindingKind::barrier_divergence,
                  "some lanes of the warp have ended, the others wait at a barrier");
  }
  w.state = WarpState::at_barrier;
  w.barrier = static_cast<u32>(i->imm);
  w.resume = i + 1;
  return nullptr;
}

Handler numbered(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 && out->imm < 16 ? block_barrier : nullptr;
}

const Instr* warp_barrier(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const Instr* next = nullptr;
  const u32 members = w.row<const u32>(i->op[0])[__builtin_ctz(m)];
  if (!w.converged(i, members, &next)) return next;
  w.sync_clock = w.cta->shared().warp_sync();
  return i + 1;
}

}  // namespace

Insn insn_bar();
Insn insn_bar() {
  return {
      .opcode = "bar",
      .forms =
          {
              {"bar{.cta}.sync #n", numbered},
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
          },
  };
}

}  // namespace attest::ptx
