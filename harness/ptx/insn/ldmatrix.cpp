// ldmatrix: PTX ISA 9.0, 9.7.14.5.15 (warp-level matrix load).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/shared_access.h"

#include <cstring>

namespace attest::ptx {
namespace {

constexpr int kRowBytesOfMatrix = 16;

/// Rows of 8 b16 elements at the addresses of lanes 0..8*Count-1; matrix r goes to register r. A
/// 32-lane register in lane order is the 8x8 matrix, row-major; .trans transposes it.
template <int Count, bool IsTransposed, bool IsWide>
const Instr* load_matrix(Warp& w, const Instr* i) {
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
  constexpr u32 kRows = 8 * Count;
  constexpr u32 kAddressLanes = kRows == 32 ? kAllLanes : (1u << kRows) - 1;
  SharedLanes at;
  if (!shared_lanes(w, i, kAddressLanes, i->op[0], IsWide, kRowBytesOfMatrix, Access::read, &at))
    return nullptr;
  const std::byte* data = shared_data(w);
  for (u32 row = 0; row < kRows; ++row) {
    if (!shadow_read(w, i, static_cast<int>(row), at.address[row], kRowBytesOfMatrix))
      return nullptr;
  }
  for (int r = 0; r < Count; ++r) {
    alignas(32) u16 matrix[8][8];
    for (int row = 0; row < 8; ++row)
      std::memcpy(matrix[row], data + at.address[8 * r + row], kRowBytesOfMatrix);
    auto* d = w.row<u16>(i->more[r]);
    if constexpr (IsTransposed) {
      for (int row = 0; row < 8; ++row) {
        for (int column = 0; column < 8; ++column)
          d[8 * row + column] = matrix[column][row];
      }
    } else {
      std::memcpy(d, matrix, sizeof matrix);
    }
  }
  return i + 1;
}

template <int Count>
Handler pick(const Match& match, Instr*) {
  const bool is_wide = match.address_bits() != 32;
  if (match.has("trans"))
    return is_wide ? load_matrix<Count, true, true> : load_matrix<Count, true, false>;
  return is_wide ? load_matrix<Count, false, true> : load_matrix<Count, false, false>;
}

}  // namespace

Insn insn_ldmatrix();
Insn insn_ldmatrix() {
  return {
      .opcode = "ldmatrix",
      .forms =
          {
              {"ldmatrix.sync.aligned.m8n8.x1{.trans}.(shared|shared::cta).b16 {d:32*1}, [a]",
               pick<1>},
              {"ldmatrix.sync.aligned.m8n8.x2{.trans}.(shared|shared::cta).b16 {d:32*2}, [a]",
               pick<2>},
              {"ldmatrix.sync.aligned.m8n8.x4{.trans}.(shared|shared::cta).b16 {d:32*4}, [a]",
               pick<4>},
          },
      .examples = {},
      .warp_examples =
          {
              {".shared .align 16 .b8 s[128]; .reg .b16 %h, %g; mov.u32 %b, s; shl.b32 %a, %lane, "
               "2; add.u32 %c, %a, %b; "
               "shl.b32 %a, %lane, 1; add.u32 %d, %a, 1; mov.b32 {%h, _}, %a; mov.b32 {%g, _}, %d; "
               "mov.b32 %d, {%h, %g}; "
               "st.shared.u32 [%c], %d; bar.warp.sync 0xffffffff; and.b32 %a, %lane, 7; shl.b32 "
               "%a, %a, 4; add.u32 %a, %a, %b; "
               "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%value}, [%a];",
               {0x00010000, 0x00030002, 0x00050004, 0x00070006, 0x00090008, 0x000b000a, 0x000d000c,
                0x000f000e, 0x00110010, 0x00130012, 0x00150014, 0x00170016, 0x00190018, 0x001b001a,
                0x001d001c, 0x001f001e, 0x00210020, 0x00230022, 0x00250024, 0x00270026, 0x00290028,
                0x002b002a, 0x002d002c, 0x002f002e, 0x00310030, 0x00330032, 0x00350034, 0x00370036,
                0x00390038, 0x003b003a, 0x003d003c, 0x003f003e},
               "element (row g, columns 2t and 2t+1) goes to lane 4g+t; element number = 8 row + "
               "column"},
              {".shared .align 16 .b8 s[128]; .reg .b16 %h, %g; mov.u32 %b, s; shl.b32 %a, %lane, "
               "2; add.u32 %c, %a, %b; "
               "shl.b32 %a, %lane, 1; add.u32 %d, %a, 1; mov.b32 {%h, _}, %a; mov.b32 {%g, _}, %d; "
               "mov.b32 %d, {%h, %g}; "
               "st.shared.u32 [%c], %d; bar.warp.sync 0xffffffff; and.b32 %a, %lane, 7; shl.b32 "
               "%a, %a, 4; add.u32 %a, %a, %b; "
               "ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%value}, [%a];",
               {0x00080000, 0x00180010, 0x00280020, 0x00380030, 0x00090001, 0x00190011, 0x00290021,
                0x00390031, 0x000a0002, 0x001a0012, 0x002a0022, 0x003a0032, 0x000b0003, 0x001b0013,
                0x002b0023, 0x003b0033, 0x000c0004, 0x001c0014, 0x002c0024, 0x003c0034, 0x000d0005,
                0x001d0015, 0x002d0025, 0x003d0035, 0x000e0006, 0x001e0016, 0x002e0026, 0x003e0036,
                0x000f0007, 0x001f0017, 0x002f0027, 0x003f0037},
               ".trans: rows 2t and 2t+1 of column g go to lane 4g+t"},
          },
  };
}

}  // namespace attest::ptx
