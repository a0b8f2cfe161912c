// stmatrix: PTX ISA 9.0, 9.7.14.5.16 (warp-level matrix store).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/matrix_rows.h"

#include <cstring>

namespace attest::ptx {
namespace {

/// The inverse of ldmatrix: register r, in lane order an 8 x 8 matrix of b16, goes to the rows at
/// the addresses of lanes 8r to 8r + 7.
template <int Count, bool IsTransposed, RowAddress Kind>
struct StoreMatrix {
  static const Instr* run(Warp& w, const Instr* i) {
    const Instr* next = nullptr;
    if (!enter_aligned(w, i, &next)) return next;
    SharedLanes at;
    if (!row_lanes<Count, Kind>(w, i, Access::write, &at)) return nullptr;
    for (int row = 0; row < 8 * Count; ++row) {
      if (!shadow_write(w, i, row, at.address[row], kMatrixRowBytes)) return nullptr;
      const auto* s = w.row<const u16>(i->more[row / 8]);
      u16 line[8];
      for (int column = 0; column < 8; ++column)
        line[column] = IsTransposed ? s[8 * column + row % 8] : s[8 * (row % 8) + column];
      std::memcpy(shared_data(w) + at.address[row], line, sizeof line);
    }
    return i + 1;
  }
};

template <int Count>
Handler pick(const Match& match, Instr*) {
  return pick_rows<StoreMatrix, Count, 90>(match);
}

}  // namespace

Insn insn_stmatrix();
Insn insn_stmatrix() {
  return {
      .opcode = "stmatrix",
      .forms =
          {
              {"stmatrix.sync.aligned.m8n8.x1{.trans}{.shared|.shared::cta}.b16 [a], {s:32*1}",
               pick<1>},
              {"stmatrix.sync.aligned.m8n8.x2{.trans}{.shared|.shared::cta}.b16 [a], {s:32*2}",
               pick<2>},
              {"stmatrix.sync.aligned.m8n8.x4{.trans}{.shared|.shared::cta}.b16 [a], {s:32*4}",
               pick<4>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[128]; mov.u32 %b, s; shl.b32 %a, %lane, 1; add.u32 %c, %a, "
               "1; shl.b32 %c, %c, 16; or.b32 %c, %c, %a; and.b32 %a, %lane, 7; shl.b32 %a, %a, 4; "
               "add.u32 %a, %a, %b; stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%a], {%c}; "
               "bar.warp.sync 0xffffffff; shl.b32 %a, %lane, 2; add.u32 %a, %a, %b; ld.shared.u32 "
               "%value, [%a];",
               {0x00080000, 0x00180010, 0x00280020, 0x00380030, 0x00090001, 0x00190011, 0x00290021,
                0x00390031, 0x000a0002, 0x001a0012, 0x002a0022, 0x003a0032, 0x000b0003, 0x001b0013,
                0x002b0023, 0x003b0033, 0x000c0004, 0x001c0014, 0x002c0024, 0x003c0034, 0x000d0005,
                0x001d0015, 0x002d0025, 0x003d0035, 0x000e0006, 0x001e0016, 0x002e0026, 0x003e0036,
                0x000f0007, 0x001f0017, 0x002f0027, 0x003f0037},
               "element number = 8 row + column; column r goes to row r in memory"},
              {".shared .align 16 .b8 s[256]; mov.u32 %b, s; and.b32 %a, %lane, 15; xor.b32 %a, "
               "%a, 15; shl.b32 %a, %a, 4; cvt.u64.u32 %wide, %a; mov.u64 %base, s; "
               "cvta.shared.u64 %base, %base; add.u64 %wide, %wide, %base; add.u32 %c, %lane, 100; "
               "stmatrix.sync.aligned.m8n8.x2.b16 [%wide], {%lane, %c}; bar.warp.sync 0xffffffff; "
               "shl.b32 %a, %lane, 2; add.u32 %a, %a, %b; ld.shared.u32 %value, [%a];",
               {128, 129, 130, 131, 124, 125, 126, 127, 120, 121, 122, 123, 116, 117, 118, 119,
                112, 113, 114, 115, 108, 109, 110, 111, 104, 105, 106, 107, 100, 101, 102, 103},
               "rows in reverse, generic: register 1 is the upper half of memory"},
          },
      .fault_examples =
          {
              {".shared .align 16 .b8 s[256]; mov.u32 %b, s; shl.b32 %a, %lane, 4; add.u32 %a, %a, "
               "%b; stmatrix.sync.aligned.m8n8.x4.shared.b16 [%a], {%a, %a, %a, %a};",
               FindingKind::out_of_bounds,
               16,
               "row 16 lies behind 256 bytes"},
              {".shared .align 16 .b8 s[256]; mov.u32 %b, s; "
               "stmatrix.sync.aligned.m8n8.x1.shared.b16 [%b], {%lane};",
               FindingKind::shared_race,
               1,
               "lanes 0 and 1 store to the same row"},
          },
  };
}

}  // namespace attest::ptx
