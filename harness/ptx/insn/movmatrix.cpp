// movmatrix: PTX ISA 9.0, 9.7.14.5.17.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/insn/insn.h"

#include <cstring>

namespace attest::ptx {
namespace {

/// A register in lane order is an 8 x 8 matrix of b16, row-major.
const Instr* transpose(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  alignas(32) u16 from[8][8];
  alignas(32) u16 to[8][8];
  std::memcpy(from, w.row<const u32>(i->op[1]), sizeof from);
  for (int row = 0; row < 8; ++row) {
    for (int column = 0; column < 8; ++column)
      to[row][column] = from[column][row];
  }
  std::memcpy(w.row<u32>(i->op[0]), to, sizeof to);
  return i + 1;
}

}  // namespace

Insn insn_movmatrix();
Insn insn_movmatrix() {
  return {
      .opcode = "movmatrix",
      .forms = {{"movmatrix.sync.aligned.m8n8.trans.b16 d:32, a:32",
                 since<75, transpose>,
                 Propagation::exchanges}},
      .examples = {{"movmatrix.sync.aligned.m8n8.trans.b16 d:32, a:32",
                    {0x12341234u},
                    {0x12341234u},
                    "sixty-four equal elements"}},
      .warp_examples =
          {
              {"shl.b32 %a, %lane, 1; add.u32 %b, %a, 1; shl.b32 %b, %b, 16; or.b32 %a, %a, %b; "
               "movmatrix.sync.aligned.m8n8.trans.b16 %value, %a;",
               {0x00080000, 0x00180010, 0x00280020, 0x00380030, 0x00090001, 0x00190011, 0x00290021,
                0x00390031, 0x000a0002, 0x001a0012, 0x002a0022, 0x003a0032, 0x000b0003, 0x001b0013,
                0x002b0023, 0x003b0033, 0x000c0004, 0x001c0014, 0x002c0024, 0x003c0034, 0x000d0005,
                0x001d0015, 0x002d0025, 0x003d0035, 0x000e0006, 0x001e0016, 0x002e0026, 0x003e0036,
                0x000f0007, 0x001f0017, 0x002f0027, 0x003f0037},
               "element number = 8 row + column; lane 4g + t receives column g, rows 2t and 2t + "
               "1"},
          },
      .fault_examples = {{"setp.lt.u32 %p, %lane, 4; @%p movmatrix.sync.aligned.m8n8.trans.b16 "
                          "%value, %lane;",
                          FindingKind::barrier_divergence,
                          0,
                          ".aligned, in four lanes alone"}},
  };
}

}  // namespace attest::ptx
