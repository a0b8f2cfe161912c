// mma: PTX ISA 9.0, 9.7.14.5.8 (m16n8k16, f16 and bf16 inputs, f32 accumulators).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/mma_model.h"
#include "harness/ptx/machine/report.h"

namespace attest::ptx {
namespace {

/// more: 4 rows of d, 4 of a, 2 of b, 4 of c; imm: the sm number whose datapath it is.
template <MmaFormat Format, bool IsFast>
const Instr* multiply(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  const Instr* next = nullptr;
  if (!w.converged(i, w.started, &next)) return next;
  if (m != kAllLanes) {
    return report(w,
                  i,
                  __builtin_ctz(m),
                  FindingKind::barrier_divergence,
                  ".aligned instruction without all lanes of the warp");
  }
  u32* d[4];
  const u32* a[4];
  const u32* b[2];
  const u32* c[4];
  for (int n = 0; n < 4; ++n) {
    d[n] = w.row<u32>(i->more[n]);
    a[n] = w.row<const u32>(i->more[4 + n]);
    c[n] = w.row<const u32>(i->more[10 + n]);
  }
  for (int n = 0; n < 2; ++n)
    b[n] = w.row<const u32>(i->more[8 + n]);
  if constexpr (IsFast) {
    mma_m16n8k16_fast(Format, d, a, b, c);
  } else {
    mma_m16n8k16(Format, *reinterpret_cast<const MmaModel*>(i->imm), d, a, b, c);
  }
  return i + 1;
}

template <MmaFormat Format>
Handler pick(const Match& match, Instr* out) {
  const MmaModel* model = mma_model(match.sm());
  if (model == nullptr || match.sm() < 80) return nullptr;
  out->imm = reinterpret_cast<std::intptr_t>(model);
  return match.options().mma == MmaMode::fast ? multiply<Format, true> : multiply<Format, false>;
}

}  // namespace

Insn insn_mma();
Insn insn_mma() {
  return {
      .opcode = "mma",
      .forms =
          {
              {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {d:32*4}, {a:32*4}, {b:32*2}, "
               "{c:32*4}",
               pick<MmaFormat::f16>},
              {"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {d:32*4}, {a:32*4}, {b:32*2}, "
               "{c:32*4}",
               pick<MmaFormat::bf16>},
          },
      .examples =
          {
              // Every lane holds the same words, so each output is the sum of 16 equal products,
              // plus c.
              {"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, "
               "{b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3f800000u},
               {0x42040000u, 0x42040000u, 0x42040000u, 0x42040000u},
               "16 * (1 * 2) + 1 = 33"},
              {"mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, "
               "{b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3f803f80u, 0x40004000u, 0xc2000000u},
               {0, 0, 0, 0},
               "16 * (1 * 2) - 32 = +0"},
          },
  };
}

}  // namespace attest::ptx
