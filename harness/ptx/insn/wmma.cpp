// wmma: PTX ISA 9.0, 9.7.14.4.3 (load), 9.7.14.4.4 (store), 9.7.14.4.5 (mma).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/mma_multiply.h"
#include "harness/ptx/insn/wmma_memory.h"

namespace attest::ptx {
namespace {

Space space_of(std::string_view word) {
  if (word.empty()) return Space::generic;
  return word == "global" ? Space::global : Space::shared;
}

/// Groups from number `first` on: the layout; the shape; the space; the type.
WmmaMove move_of(const Match& match, FragmentRole role, std::size_t first) {
  WmmaMove move;
  move.role = role;
  move.is_row_major = match.word(first) == "row";
  move.shape = *mma_shape(match.word(first + 1));
  move.space = space_of(match.word(first + 2));
  move.format = *mma_format(match.word(first + 3));
  move.is_wide = match.address_bits() != 32;
  return move;
}

/// The GPU has loads and stores of what it can multiply.
bool is_there(const Match& match, const WmmaMove& move) {
  MmaKey key;
  key.sm = match.sm();
  key.is_wmma = true;
  key.is_xor = true;
  key.shape = move.shape;
  key.a = key.b = move.format;
  if (move.role != FragmentRole::c) {
    const bool is_integer = key.a == MmaFormat::int8 || key.a == MmaFormat::uint8 ||
                            key.a == MmaFormat::int4 || key.a == MmaFormat::uint4 ||
                            key.a == MmaFormat::b1;
    key.c = key.d = is_integer                ? MmaFormat::int32
                    : key.a == MmaFormat::f64 ? MmaFormat::f64
                                              : MmaFormat::f32;
    return MmaPlan::find(key) != nullptr;
  }
  key.c = key.d = move.format;
  // Some type of A that the shape has with these accumulators.
  for (const MmaFormat a : {MmaFormat::f16,
                            MmaFormat::tf32,
                            MmaFormat::f64,
                            MmaFormat::int8,
                            MmaFormat::int4,
                            MmaFormat::b1}) {
    key.a = key.b = a;
    if (MmaPlan::find(key) != nullptr) return true;
  }
  return false;
}

Handler pick_load(const Match& match, Instr* out) {
  const FragmentRole role = match.word(0) == "a"   ? FragmentRole::a
                            : match.word(0) == "b" ? FragmentRole::b
                                                   : FragmentRole::c;
  WmmaMove move = move_of(match, role, 1);
  if (!is_there(match, move)) return nullptr;
  if (move.space != Space::shared && !move.is_wide) return nullptr;
  move.has_stride = match.operands() == 3;
  out->imm2 = wmma_move(move);
  return wmma_load;
}

Handler pick_store(const Match& match, Instr* out) {
  WmmaMove move = move_of(match, FragmentRole::c, 0);
  if (!is_there(match, move)) return nullptr;
  if (move.space != Space::shared && !move.is_wide) return nullptr;
  move.has_stride = match.operands() == 3;
  out->imm2 = wmma_move(move);
  return wmma_store;
}

MmaKey key_of(const Match& match) {
  MmaKey key;
  key.is_wmma = true;
  key.shape = *mma_shape(match.word(2));
  return key;
}

/// Groups: the layouts, the shape, the types of d and c.
Handler pick_f16(const Match& match, Instr* out) {
  MmaKey key = key_of(match);
  key.d = *mma_format(match.word(3));
  key.c = *mma_format(match.word(4));
  return mma_handler(match, key, out);
}

/// Groups: the layouts, the shape, from number `Types` on the types of d, a, b and c.
template <std::size_t Types = 3>
Handler pick(const Match& match, Instr* out) {
  MmaKey key = key_of(match);
  key.d = *mma_format(match.word(Types));
  key.a = *mma_format(match.word(Types + 1));
  key.b = *mma_format(match.word(Types + 2));
  key.c = *mma_format(match.word(Types + 3));
  return key.a == key.b ? mma_handler(match, key, out) : nullptr;
}

/// Groups: xor or and, then as `pick`.
Handler pick_bits(const Match& match, Instr* out) {
  MmaKey key;
  key.is_wmma = true;
  key.shape = *mma_shape(match.word(1));
  key.a = key.b = MmaFormat::b1;
  key.c = key.d = MmaFormat::int32;
  return mma_handler(match, key, out);
}

}  // namespace

#define ATTEST_WMMA_LOAD "wmma.load."
#define ATTEST_WMMA_LAYOUT ".sync.aligned.(row|col)."
#define ATTEST_WMMA_SPACE "{.global|.shared|.shared::cta}."
#define ATTEST_WMMA_ANY "(m16n16k16|m32n8k16|m8n32k16)"
#define ATTEST_WMMA_STORE "wmma.store.d.sync.aligned.(row|col)."
#define ATTEST_WMMA_MMA "wmma.mma.sync.aligned.(row|col).(row|col)."

Insn insn_wmma();
Insn insn_wmma() {  // NOLINT(readability-function-size): a table
  return {
      .opcode = "wmma",
      .forms =
          {
              {ATTEST_WMMA_LOAD "(a|b)" ATTEST_WMMA_LAYOUT ATTEST_WMMA_ANY ATTEST_WMMA_SPACE
                                "(f16) {d:32*8}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(c)" ATTEST_WMMA_LAYOUT ATTEST_WMMA_ANY ATTEST_WMMA_SPACE
                                "(f16) {d:32*4}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(c)" ATTEST_WMMA_LAYOUT ATTEST_WMMA_ANY ATTEST_WMMA_SPACE
                                "(f32|s32) {d:32*8}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a|b)" ATTEST_WMMA_LAYOUT "(m16n16k16)" ATTEST_WMMA_SPACE
                                "(bf16) {d:32*4}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a)" ATTEST_WMMA_LAYOUT "(m8n32k16)" ATTEST_WMMA_SPACE
                                "(bf16) {d:32*2}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a)" ATTEST_WMMA_LAYOUT "(m32n8k16)" ATTEST_WMMA_SPACE
                                "(bf16) {d:32*8}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b)" ATTEST_WMMA_LAYOUT "(m8n32k16)" ATTEST_WMMA_SPACE
                                "(bf16) {d:32*8}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b)" ATTEST_WMMA_LAYOUT "(m32n8k16)" ATTEST_WMMA_SPACE
                                "(bf16) {d:32*2}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a|b)" ATTEST_WMMA_LAYOUT "(m16n16k16)" ATTEST_WMMA_SPACE
                                "(s8|u8) {d:32*2}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a)" ATTEST_WMMA_LAYOUT "(m8n32k16)" ATTEST_WMMA_SPACE
                                "(s8|u8) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a)" ATTEST_WMMA_LAYOUT "(m32n8k16)" ATTEST_WMMA_SPACE
                                "(s8|u8) {d:32*4}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b)" ATTEST_WMMA_LAYOUT "(m8n32k16)" ATTEST_WMMA_SPACE
                                "(s8|u8) {d:32*4}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b)" ATTEST_WMMA_LAYOUT "(m32n8k16)" ATTEST_WMMA_SPACE
                                "(s8|u8) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a|b)" ATTEST_WMMA_LAYOUT "(m16n16k8)" ATTEST_WMMA_SPACE
                                "(tf32) {d:32*4}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(c)" ATTEST_WMMA_LAYOUT "(m16n16k8)" ATTEST_WMMA_SPACE
                                "(f32) {d:32*8}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a|b)" ATTEST_WMMA_LAYOUT "(m8n8k4)" ATTEST_WMMA_SPACE
                                "(f64) {d:64*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(c)" ATTEST_WMMA_LAYOUT "(m8n8k4)" ATTEST_WMMA_SPACE
                                "(f64) {d:64*2}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a).sync.aligned.(row).(m8n8k32)" ATTEST_WMMA_SPACE
                                "(s4|u4) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b).sync.aligned.(col).(m8n8k32)" ATTEST_WMMA_SPACE
                                "(s4|u4) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(a).sync.aligned.(row).(m8n8k128)" ATTEST_WMMA_SPACE
                                "(b1) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(b).sync.aligned.(col).(m8n8k128)" ATTEST_WMMA_SPACE
                                "(b1) {d:32*1}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_LOAD "(c)" ATTEST_WMMA_LAYOUT "(m8n8k32|m8n8k128)" ATTEST_WMMA_SPACE
                                "(s32) {d:32*2}, [a], s:32?",
               pick_load},
              {ATTEST_WMMA_STORE ATTEST_WMMA_ANY ATTEST_WMMA_SPACE "(f16) [a], {c:32*4}, s:32?",
               pick_store},
              {ATTEST_WMMA_STORE ATTEST_WMMA_ANY ATTEST_WMMA_SPACE "(f32|s32) [a], {c:32*8}, s:32?",
               pick_store},
              {ATTEST_WMMA_STORE "(m16n16k8)" ATTEST_WMMA_SPACE "(f32) [a], {c:32*8}, s:32?",
               pick_store},
              {ATTEST_WMMA_STORE "(m8n8k4)" ATTEST_WMMA_SPACE "(f64) [a], {c:64*2}, s:32?",
               pick_store},
              {ATTEST_WMMA_STORE "(m8n8k32|m8n8k128)" ATTEST_WMMA_SPACE
                                 "(s32) [a], {c:32*2}, s:32?",
               pick_store},
              {ATTEST_WMMA_MMA ATTEST_WMMA_ANY
               ".(f32).(f32) {d:32*8}, {a:32*8}, {b:32*8}, {c:32*8}",
               pick_f16},
              {ATTEST_WMMA_MMA ATTEST_WMMA_ANY
               ".(f32).(f16) {d:32*8}, {a:32*8}, {b:32*8}, {c:32*4}",
               pick_f16},
              {ATTEST_WMMA_MMA ATTEST_WMMA_ANY
               ".(f16).(f32) {d:32*4}, {a:32*8}, {b:32*8}, {c:32*8}",
               pick_f16},
              {ATTEST_WMMA_MMA ATTEST_WMMA_ANY
               ".(f16).(f16) {d:32*4}, {a:32*8}, {b:32*8}, {c:32*4}",
               pick_f16},
              {ATTEST_WMMA_MMA "(m16n16k16).(f32).(bf16).(bf16).(f32) {d:32*8}, {a:32*4}, "
                               "{b:32*4}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m32n8k16).(f32).(bf16).(bf16).(f32) {d:32*8}, {a:32*8}, "
                               "{b:32*2}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m8n32k16).(f32).(bf16).(bf16).(f32) {d:32*8}, {a:32*2}, "
                               "{b:32*8}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m16n16k8).(f32).(tf32).(tf32).(f32) {d:32*8}, {a:32*4}, "
                               "{b:32*4}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m16n16k16).(s32).(s8|u8).(s8|u8).(s32){.satfinite} {d:32*8}, "
                               "{a:32*2}, {b:32*2}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m32n8k16).(s32).(s8|u8).(s8|u8).(s32){.satfinite} {d:32*8}, "
                               "{a:32*4}, {b:32*1}, {c:32*8}",
               pick},
              {ATTEST_WMMA_MMA "(m8n32k16).(s32).(s8|u8).(s8|u8).(s32){.satfinite} {d:32*8}, "
                               "{a:32*1}, {b:32*4}, {c:32*8}",
               pick},
              // The manual has the rounding behind the shape, the compiler writes it at the end.
              {ATTEST_WMMA_MMA "(m8n8k4){.rn|.rz|.rm|.rp}.(f64).(f64).(f64).(f64) {d:64*2}, "
                               "{a:64*1}, {b:64*1}, {c:64*2}",
               pick<4>},
              {ATTEST_WMMA_MMA "(m8n8k4).(f64).(f64).(f64).(f64).(rn|rz|rm|rp) {d:64*2}, "
                               "{a:64*1}, {b:64*1}, {c:64*2}",
               pick},
              {"wmma.mma.sync.aligned.(row).(col).(m8n8k32).(s32).(s4|u4).(s4|u4).(s32){.satfinite}"
               " "
               "{d:32*2}, {a:32*1}, {b:32*1}, {c:32*2}",
               pick},
              {"wmma.mma.(xor|and).popc.sync.aligned.row.col.(m8n8k128).s32.b1.b1.s32 {d:32*2}, "
               "{a:32*1}, {b:32*1}, {c:32*2}",
               pick_bits},
          },
      // Every lane holds the same words, so each output is the same dot product, plus c.
      .examples =
          {
              {"wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32 {d:32, d2:32, d3:32, d4:32, d5:32, "
               "d6:32, d7:32, d8:32}, {a:32, a:32, a:32, a:32, a:32, a:32, a:32, a:32}, {b:32, "
               "b:32, b:32, b:32, b:32, b:32, b:32, b:32}, {c:32, c:32, c:32, c:32, c:32, c:32, "
               "c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3f800000u},
               {0x42040000u,
                0x42040000u,
                0x42040000u,
                0x42040000u,
                0x42040000u,
                0x42040000u,
                0x42040000u,
                0x42040000u},
               "16 * (1 * 2) + 1 = 33"},
              {"wmma.mma.sync.aligned.row.row.m8n32k16.f16.f16 {d:32, d2:32, d3:32, d4:32}, {a:32, "
               "a:32, a:32, a:32, a:32, a:32, a:32, a:32}, {b:32, b:32, b:32, b:32, b:32, b:32, "
               "b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3c003c00u},
               {0x50205020u, 0x50205020u, 0x50205020u, 0x50205020u},
               "16 * (1 * 2) + 1 = 33"},
              {"wmma.mma.sync.aligned.row.col.m32n8k16.s32.u8.u8.s32 {d:32, d2:32, d3:32, d4:32, "
               "d5:32, d6:32, d7:32, d8:32}, {a:32, a:32, a:32, a:32}, {b:32}, {c:32, c:32, c:32, "
               "c:32, c:32, c:32, c:32, c:32}",
               {0xffffffffu, 0x02020202u, 1},
               {8161, 8161, 8161, 8161, 8161, 8161, 8161, 8161},
               "16 * 255 * 2 + 1"},
              {"wmma.mma.sync.aligned.row.col.m8n8k4.f64.f64.f64.f64.rn {d:64, d2:64}, {a:64}, "
               "{b:64}, {c:64, c:64}",
               {0x3ff0000000000000u, 0x4000000000000000u, 0x3ff0000000000000u},
               {0x4022000000000000u, 0x4022000000000000u},
               "4 * (1 * 2) + 1 = 9"},
              {"wmma.mma.sync.aligned.row.col.m8n8k4.rz.f64.f64.f64.f64 {d:64, d2:64}, {a:64}, "
               "{b:64}, {c:64, c:64}",
               {0xbc30000000000000u, 0x3ff0000000000000u, 0x3ff0000000000000u},
               {0x3feffffffffffffcu, 0x3feffffffffffffcu},
               "1 - 2^-60 four times, each toward zero: four steps of 2^-53"},
              {"wmma.mma.sync.aligned.row.col.m8n8k32.s32.s4.s4.s32.satfinite {d:32, d2:32}, "
               "{a:32}, {b:32}, {c:32, c:32}",
               {0x88888888u, 0x88888888u, 0x7fffffffu},
               {0x7fffffffu, 0x7fffffffu},
               "32 * -8 * -8 beyond the largest"},
              {"wmma.mma.xor.popc.sync.aligned.row.col.m8n8k128.s32.b1.b1.s32 {d:32, d2:32}, "
               "{a:32}, {b:32}, {c:32, c:32}",
               {0xf0f0f0f0u, 0xff00ff00u, 2},
               {66, 66},
               "4 words that differ in 16 bits each, + 2"},
          },
      .warp_examples =
          {
              {".shared .align 32 .b8 s[2048]; .reg .b32 %f<8>; mov.u32 %b, s; mov.u32 %c, "
               "%lane; $fill: shl.b32 %a, %c, 2; add.u32 %a, %a, %b; st.shared.u32 [%a], %c; "
               "add.u32 "
               "%c, %c, 32; setp.lt.u32 %p, %c, 256; @%p bra $fill; bar.warp.sync 0xffffffff; "
               "wmma.load.c.sync.aligned.row.m16n16k16.shared.s32 {%f0, %f1, %f2, %f3, %f4, %f5, "
               "%f6, %f7}, [%b]; bar.warp.sync 0xffffffff; "
               "wmma.store.d.sync.aligned.col.m16n16k16.shared::cta.s32 [%b], {%f0, %f1, %f2, %f3, "
               "%f4, %f5, %f6, %f7}, 16; bar.warp.sync 0xffffffff; "
               "shl.b32 %a, %lane, 2; add.u32 %a, %a, %b; ld.shared.u32 %value, [%a];",
               {0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240,
                1, 17, 33, 49, 65, 81, 97, 113, 129, 145, 161, 177, 193, 209, 225, 241},
               "a matrix read by rows and written by columns"},
              {".shared .align 32 .b8 s[1536]; .reg .b32 %f<8>, %x<2>, %y<2>; mov.u32 %b, s; "
               "shl.b32 %a, %lane, 3; add.u32 %a, %a, %b; mad.lo.u32 %c, %lane, 0x08080808, "
               "0x03020100; add.u32 %d, %c, 0x04040404; st.shared.v2.u32 [%a], {%c, %d}; "
               "st.shared.v2.u32 [%a+256], {0, 0}; bar.warp.sync 0xffffffff; setp.lt.u32 %p, "
               "%lane, 16; mad.lo.u32 %a, %lane, 17, %b; mov.u32 %c, 1; @%p st.shared.u8 "
               "[%a+256], %c; bar.warp.sync 0xffffffff; "
               "wmma.load.a.sync.aligned.row.m16n16k16.shared.u8 {%x0, %x1}, [%b]; "
               "wmma.load.b.sync.aligned.col.m16n16k16.shared.u8 {%y0, %y1}, [%b+256]; "
               "wmma.mma.sync.aligned.row.col.m16n16k16.s32.u8.u8.s32 {%f0, %f1, %f2, %f3, %f4, "
               "%f5, %f6, %f7}, {%x0, %x1}, {%y0, %y1}, {0, 0, 0, 0, 0, 0, 0, 0}; "
               "wmma.store.d.sync.aligned.row.m16n16k16.shared.s32 [%b+512], {%f0, %f1, %f2, %f3, "
               "%f4, %f5, %f6, %f7}; bar.warp.sync 0xffffffff; "
               "mad.lo.u32 %a, %lane, 32, %b; ld.shared.u32 %value, [%a+512];",
               {0,   8,   16,  24,  32,  40,  48,  56,  64,  72,  80,  88,  96,  104, 112, 120,
                128, 136, 144, 152, 160, 168, 176, 184, 192, 200, 208, 216, 224, 232, 240, 248},
               "bytes 0 to 255 times the identity, every eighth"},
          },
      .fault_examples =
          {
              {".shared .align 32 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; "
               "wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%f0, %f1, %f2, %f3, %f4, %f5, "
               "%f6, %f7}, [%b+16];",
               FindingKind::misaligned,
               0,
               "a fragment of f16 has 32 bytes"},
              {".shared .align 32 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; "
               "wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%f0, %f1, %f2, %f3, %f4, %f5, "
               "%f6, %f7}, [%b], 20;",
               FindingKind::misaligned,
               0,
               "40 bytes from row to row"},
              {".shared .align 32 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; "
               "wmma.load.a.sync.aligned.row.m16n16k16.shared.f16 {%f0, %f1, %f2, %f3, %f4, %f5, "
               "%f6, %f7}, [%b];",
               FindingKind::uninitialised_read,
               0,
               "nothing was stored there"},
              {".shared .align 32 .b8 s[512]; mov.u32 %b, s; "
               "wmma.store.d.sync.aligned.row.m16n16k16.shared.f16 [%b], {%lane, %lane, %lane, "
               "%lane}, 24;",
               FindingKind::out_of_bounds,
               12,
               "row 11 starts at 528"},
              {"ld.param.u64 %wide, [out]; wmma.store.d.sync.aligned.row.m8n8k128.global.s32 "
               "[%wide], {%lane, %lane}, 12;",
               FindingKind::out_of_bounds,
               22,
               "row 5 ends at 272, behind the 256 bytes there are"},
          },
  };
}

}  // namespace attest::ptx
