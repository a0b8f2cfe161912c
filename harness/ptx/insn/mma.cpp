// mma: PTX ISA 9.0, 9.7.14.5.14.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/mma_multiply.h"
#include "harness/ptx/machine/mma_model.h"
#if defined(__AVX512F__)
#include "harness/ptx/machine/mma_avx512_fast.h"
#endif

namespace attest::ptx {
namespace {

constexpr int kFirstKind = 120;  // sm from which mma has .kind::f8f6f4

/// Registers of the shape with a path of its own. more: 4 rows of d, 4 of a, 2 of b, 4 of c.
struct Fragments {
  u32* d[4];
  const u32* a[4];
  const u32* b[2];
  const u32* c[4];

  Fragments(const Warp& w, const Instr* i) {
    for (int n = 0; n < 4; ++n) {
      d[n] = w.row<u32>(i->more[n]);
      a[n] = w.row<const u32>(i->more[4 + n]);
      c[n] = w.row<const u32>(i->more[10 + n]);
    }
    for (int n = 0; n < 2; ++n)
      b[n] = w.row<const u32>(i->more[8 + n]);
  }
};

/// imm: the model.
template <MmaFormat Format>
const Instr* multiply_exact(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  const Fragments f(w, i);
  mma_m16n8k16(Format, *reinterpret_cast<const MmaModel*>(i->imm), f.d, f.a, f.b, f.c);
  return i + 1;
}

#if defined(__AVX512F__)

/// Whether `next` multiplies the same A under the same guard, and `i` leaves A as it is.
bool shares_a(const Instr* i, const Instr* next) {
  if (next->run != i->run || next->guard != i->guard || next->guard_flip != i->guard_flip)
    return false;
  bool is_same = true;
  for (int n = 0; n < 4; ++n) {
    is_same &= next->more[4 + n] == i->more[4 + n];
    for (int m = 0; m < 4; ++m)
      is_same &= i->more[m] != i->more[4 + n];
  }
  return is_same;
}

/// Products that follow each other and share A take it apart once.
template <MmaFormat Format>
const Instr* multiply_fast(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  const ColumnsOfA a = columns_of_a<Format>(Fragments(w, i).a);
  for (bool goes_on = true; goes_on; ++i) {
    const Fragments f(w, i);
    multiply_columns<Format>(a, f.d, f.b, f.c);
    goes_on = shares_a(i, i + 1);
  }
  return i;
}

#else

template <MmaFormat Format>
const Instr* multiply_fast(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  const Fragments f(w, i);
  mma_m16n8k16_fast(Format, f.d, f.a, f.b, f.c);
  return i + 1;
}

#endif

/// The groups are the shape and the two layouts, perhaps one more, then from number `Types` on the
/// types of d, a, b and c.
template <std::size_t Types = 3>
Handler pick(const Match& match, Instr* out) {
  if (match.has("kind::f8f6f4") && match.sm() < kFirstKind) return nullptr;
  MmaKey key;
  key.shape = *mma_shape(match.word(0));
  key.a_is_column_major = match.word(1) == "col";
  key.b_is_column_major = match.word(2) == "col";
  key.d = *mma_format(match.word(Types));
  key.a = *mma_format(match.word(Types + 1));
  key.b = *mma_format(match.word(Types + 2));
  key.c = *mma_format(match.word(Types + 3));
  return mma_handler(match, key, out);
}

template <MmaFormat Format>
Handler pick_m16n8k16(const Match& match, Instr* out) {
  const MmaModel* model = mma_model(match.sm(), Format);
  if (model == nullptr || match.sm() < 80) return nullptr;
  out->imm = reinterpret_cast<std::intptr_t>(model);
  return match.options().mma == MmaMode::fast ? multiply_fast<Format> : multiply_exact<Format>;
}

}  // namespace

#define ATTEST_MMA "mma.sync.aligned."
// Operands of m16n8kK by the bits of a row of A: 128 or 256, with f32 or s32 accumulators.
#define ATTEST_MMA_2 " {d:32*4}, {a:32*2}, {b:32*1}, {c:32*4}"
#define ATTEST_MMA_4 " {d:32*4}, {a:32*4}, {b:32*2}, {c:32*4}"
// With f16 accumulators.
#define ATTEST_MMA_2_F16 " {d:32*2}, {a:32*2}, {b:32*1}, {c:32*2}"
#define ATTEST_MMA_4_F16 " {d:32*2}, {a:32*4}, {b:32*2}, {c:32*2}"
// Of m8n8kK.
#define ATTEST_MMA_1 " {d:32*2}, {a:32*1}, {b:32*1}, {c:32*2}"
#define ATTEST_MMA_FP8 ".(e4m3|e5m2).(e4m3|e5m2)"
#define ATTEST_MMA_FP6 ".(e4m3|e5m2|e3m2|e2m3|e2m1).(e4m3|e5m2|e3m2|e2m3|e2m1)"
#define ATTEST_MMA_F64 ".(row).(col).(f64).(f64).(f64).(f64){.rn|.rz|.rm|.rp}"

Insn insn_mma();
Insn insn_mma() {
  return {
      .opcode = "mma",
      .forms =
          {
              {ATTEST_MMA "(m16n8k16).(row).(col).(f32).(f16).(f16).(f32)" ATTEST_MMA_4,
               pick_m16n8k16<MmaFormat::f16>,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k16).(row).(col).(f32).(bf16).(bf16).(f32)" ATTEST_MMA_4,
               pick_m16n8k16<MmaFormat::bf16>,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k16).(row).(col).(f16).(f16).(f16).(f16)" ATTEST_MMA_4_F16,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k8).(row).(col).(f32).(f16).(f16).(f32)" ATTEST_MMA_2,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k8).(row).(col).(f16).(f16).(f16).(f16)" ATTEST_MMA_2_F16,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k8).(row).(col).(f32).(bf16).(bf16).(f32)" ATTEST_MMA_2,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k4).(row).(col).(f32).(tf32).(tf32).(f32)" ATTEST_MMA_2,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k8).(row).(col).(f32).(tf32).(tf32).(f32)" ATTEST_MMA_4,
               pick,
               Propagation::fragments},
              // Four products of 8 lanes each.
              {ATTEST_MMA
               "(m8n8k4).(row|col).(row|col).(f32).(f16).(f16).(f32) {d:32*8}, {a:32*2}, "
               "{b:32*2}, {c:32*8}",
               pick},
              {ATTEST_MMA
               "(m8n8k4).(row|col).(row|col).(f32).(f16).(f16).(f16) {d:32*8}, {a:32*2}, "
               "{b:32*2}, {c:32*4}",
               pick},
              {ATTEST_MMA
               "(m8n8k4).(row|col).(row|col).(f16).(f16).(f16).(f16) {d:32*4}, {a:32*2}, "
               "{b:32*2}, {c:32*4}",
               pick},
              {ATTEST_MMA "(m16n8k16).(row).(col).(f32)" ATTEST_MMA_FP8 ".(f32)" ATTEST_MMA_2,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k16).(row).(col).(f16)" ATTEST_MMA_FP8 ".(f16)" ATTEST_MMA_2_F16,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k32).(row).(col).(f32)" ATTEST_MMA_FP8 ".(f32)" ATTEST_MMA_4,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k32).(row).(col).(f16)" ATTEST_MMA_FP8 ".(f16)" ATTEST_MMA_4_F16,
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k32).(row).(col).(kind::f8f6f4).(f32)" ATTEST_MMA_FP6
                          ".(f32)" ATTEST_MMA_4,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k32).(row).(col).(kind::f8f6f4).(f16)" ATTEST_MMA_FP6
                          ".(f16)" ATTEST_MMA_4_F16,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA "(m8n8k4)" ATTEST_MMA_F64 " {d:64*2}, {a:64*1}, {b:64*1}, {c:64*2}",
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k4)" ATTEST_MMA_F64 " {d:64*4}, {a:64*2}, {b:64*1}, {c:64*4}",
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k8)" ATTEST_MMA_F64 " {d:64*4}, {a:64*4}, {b:64*2}, {c:64*4}",
               pick,
               Propagation::fragments},
              {ATTEST_MMA "(m16n8k16)" ATTEST_MMA_F64 " {d:64*4}, {a:64*8}, {b:64*4}, {c:64*4}",
               pick,
               Propagation::fragments},
              {ATTEST_MMA
               "(m8n8k16).(row).(col){.satfinite}.(s32).(s8|u8).(s8|u8).(s32)" ATTEST_MMA_1,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k16).(row).(col){.satfinite}.(s32).(s8|u8).(s8|u8).(s32)" ATTEST_MMA_2,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k32).(row).(col){.satfinite}.(s32).(s8|u8).(s8|u8).(s32)" ATTEST_MMA_4,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m8n8k32).(row).(col){.satfinite}.(s32).(s4|u4).(s4|u4).(s32)" ATTEST_MMA_1,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k32).(row).(col){.satfinite}.(s32).(s4|u4).(s4|u4).(s32)" ATTEST_MMA_2,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k64).(row).(col){.satfinite}.(s32).(s4|u4).(s4|u4).(s32)" ATTEST_MMA_4,
               pick<4>,
               Propagation::fragments},
              {ATTEST_MMA
               "(m8n8k128).(row).(col).(s32).(b1).(b1).(s32).(xor|and).popc" ATTEST_MMA_1,
               pick,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k128).(row).(col).(s32).(b1).(b1).(s32).(xor|and).popc" ATTEST_MMA_2,
               pick,
               Propagation::fragments},
              {ATTEST_MMA
               "(m16n8k256).(row).(col).(s32).(b1).(b1).(s32).(xor|and).popc" ATTEST_MMA_4,
               pick,
               Propagation::fragments},
          },
      // Every lane holds the same words, so each output is the same dot product, plus c.
      .examples =
          {
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
              {"mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {d:32, d2:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3c00bc00u},
               {0x50204fc0u, 0x50204fc0u},
               "16 * (1 * 2) - 1 = 31 in even columns, + 1 = 33 in odd ones"},
              {"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32}, {c:32, 0f40000000, c:32, 0f00000000}",
               {0x3c003c00u, 0x40004000u, 0x3f800000u},
               {0x41880000u, 0x41900000u, 0x41880000u, 0x41800000u},
               "8 * 2 + c; numbers in the vector"},
              {"mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {_, d:32}, {a:32, a:32}, {b:32}, "
               "{c:32, c:32}",
               {0x3c003800u, 0x40004000u, 0x00000000u},
               {0x4a004a00u},
               "4 * (1/2 + 1) * 2 = 12; _ takes the other rows"},
              {"mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32}, {c:32, c:32, c:32, c:32}",
               {0x3f803f80u, 0xc0004000u, 0x7f800000u},
               {0x7f800000u, 0x7f800000u, 0x7f800000u, 0x7f800000u},
               "4 * (2 - 2) + Inf"},
              {"mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32}, {c:32, c:32, c:32, c:32}",
               {0x3f801fffu, 0x40001fffu, 0x3f000000u},
               {0x41080000u, 0x41080000u, 0x41080000u, 0x41080000u},
               "the low 13 bits do not count: 4 * 2 + 1/2"},
              {"mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3f800000u, 0x7fc00000u, 0x3f000000u},
               {0x7fffffffu, 0x7fffffffu, 0x7fffffffu, 0x7fffffffu},
               "a NaN in B reaches every output, canonical"},
              {"mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {d:32, d2:32, d3:32, d4:32, d5:32, "
               "d6:32, d7:32, d8:32}, {a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32, c:32, "
               "c:32, c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3f800000u},
               {0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u},
               "4 * (1 * 2) + 1 = 9"},
              {"mma.sync.aligned.m8n8k4.col.row.f32.f16.f16.f16 {d:32, d2:32, d3:32, d4:32, d5:32, "
               "d6:32, d7:32, d8:32}, {a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0x3c003c00u},
               {0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u,
                0x41100000u},
               "4 * (1 * 2) + 1 = 9, c in f16"},
              {"mma.sync.aligned.m8n8k4.row.row.f16.f16.f16.f16 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x3c003c00u, 0x40004000u, 0xbc003c00u},
               {0x47004880u, 0x47004880u, 0x47004880u, 0x47004880u},
               "8 + 1 = 9 and 8 - 1 = 7"},
              {"mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x38383838u, 0x40404040u, 0x3f800000u},
               {0x42820000u, 0x42820000u, 0x42820000u, 0x42820000u},
               "32 * (1 * 2) + 1 = 65"},
              {"mma.sync.aligned.m16n8k32.row.col.f16.e5m2.e4m3.f16 {d:32, d2:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32}",
               {0x3c3c3c3cu, 0x40404040u, 0x3c00bc00u},
               {0x541053e0u, 0x541053e0u},
               "32 * (1 * 2) - 1 = 63 and + 1 = 65"},
              {"mma.sync.aligned.m16n8k16.row.col.f32.e4m3.e5m2.f32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32}, {c:32, c:32, c:32, c:32}",
               {0x387f3838u, 0x40404040u, 0x3f800000u},
               {0x7fffffffu, 0x7fffffffu, 0x7fffffffu, 0x7fffffffu},
               "0x7f is the NaN of e4m3"},
              {"mma.sync.aligned.m16n8k16.row.col.f16.e5m2.e5m2.f16 {d:32, d2:32}, {a:32, a:32}, "
               "{b:32}, {c:32, c:32}",
               {0x3c7c3c3cu, 0x40404040u, 0x00000000u},
               {0x7c007c00u, 0x7c007c00u},
               "0x7c is Inf in e5m2"},
              {"mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {d:64, d2:64}, {a:64}, {b:64}, "
               "{c:64, c:64}",
               {0x3ff0000000000000u, 0x4000000000000000u, 0x3ff0000000000000u},
               {0x4022000000000000u, 0x4022000000000000u},
               "4 * (1 * 2) + 1 = 9"},
              {"mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64.rz {d:64, d2:64, d3:64, d4:64}, "
               "{a:64, a:64}, {b:64}, {c:64, c:64, c:64, c:64}",
               {0xbc30000000000000u, 0x3ff0000000000000u, 0x3ff0000000000000u},
               {0x3feffffffffffffcu, 0x3feffffffffffffcu, 0x3feffffffffffffcu, 0x3feffffffffffffcu},
               "1 - 2^-60 four times, each toward zero: four steps of 2^-53"},
              {"mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64.rn {d:64, d2:64, d3:64, d4:64}, "
               "{a:64, a:64, a:64, a:64}, {b:64, b:64}, {c:64, c:64, c:64, c:64}",
               {0xbc30000000000000u, 0x3ff0000000000000u, 0x3ff0000000000000u},
               {0x3ff0000000000000u, 0x3ff0000000000000u, 0x3ff0000000000000u, 0x3ff0000000000000u},
               "1 - 2^-60 to nearest is 1"},
              {"mma.sync.aligned.m16n8k16.row.col.f64.f64.f64.f64 {d:64, d2:64, d3:64, d4:64}, "
               "{a:64, a:64, a:64, a:64, a:64, a:64, a:64, a:64}, {b:64, b:64, b:64, b:64}, "
               "{c:64, c:64, c:64, c:64}",
               {0x3ff0000000000000u, 0x4000000000000000u, 0x3ff0000000000000u},
               {0x4040800000000000u, 0x4040800000000000u, 0x4040800000000000u, 0x4040800000000000u},
               "16 * (1 * 2) + 1 = 33"},
              {"mma.sync.aligned.m8n8k16.row.col.s32.s8.u8.s32 {d:32, d2:32}, {a:32}, {b:32}, "
               "{c:32, c:32}",
               {0xff80017fu, 0xff0201ffu, 0x00000005u},
               {0x0001f211u, 0x0001f211u},
               "4 * (127 * 255 + 1 * 1 - 128 * 2 - 1 * 255) + 5"},
              {"mma.sync.aligned.m16n8k16.row.col.satfinite.s32.s8.s8.s32 {d:32, d2:32, d3:32, "
               "d4:32}, {a:32, a:32}, {b:32}, {c:32, c:32, c2:32, c2:32}",
               {0x7f7f7f7fu, 0x81818181u, 0x7fffffffu, 0x80000000u},
               {0x7ffc0fefu, 0x7ffc0fefu, 0x80000000u, 0x80000000u},
               "16 * 127 * -127 = -0x3f010 from the largest, and beyond the least"},
              {"mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0xffffffffu, 0xffffffffu, 0x7fffffffu},
               {0x801fc01fu, 0x801fc01fu, 0x801fc01fu, 0x801fc01fu},
               "32 * 255 * 255 = 0x1fc020, wrapping"},
              {"mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0x00000080u, 0x00000080u, 0xffffffffu},
               {0x0001ffffu, 0x0001ffffu, 0x0001ffffu, 0x0001ffffu},
               "8 * -128 * -128 - 1"},
              {"mma.sync.aligned.m8n8k32.row.col.s32.s4.u4.s32 {d:32, d2:32}, {a:32}, {b:32}, "
               "{c:32, c:32}",
               {0x77777778u, 0x0000000fu, 80},
               {0xfffffe70u, 0xfffffe70u},
               "4 * (-8 * 15) + 80 = -400"},
              {"mma.sync.aligned.m16n8k32.row.col.s32.s4.s4.s32 {d:32, d2:32, d3:32, d4:32}, "
               "{a:32, a:32}, {b:32}, {c:32, c:32, c:32, c:32}",
               {0x70000000u, 0xf0000000u, 0},
               {0xffffffe4u, 0xffffffe4u, 0xffffffe4u, 0xffffffe4u},
               "4 * (7 * -1) = -28"},
              {"mma.sync.aligned.m16n8k64.row.col.satfinite.s32.u4.u4.s32 {d:32, d2:32, d3:32, "
               "d4:32}, {a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c2:32, c2:32}",
               {0xffffffffu, 0xffffffffu, 0x7fffff00u, 1},
               {0x7fffffffu, 0x7fffffffu, 0x00003841u, 0x00003841u},
               "64 * 15 * 15 = 0x3840"},
              {"mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.and.popc {d:32, d2:32}, {a:32}, "
               "{b:32}, {c:32, c:32}",
               {0xf0f0f0f0u, 0xff00ff00u, 1},
               {33, 33},
               "4 words with 8 common ones each, + 1"},
              {"mma.sync.aligned.m16n8k128.row.col.s32.b1.b1.s32.xor.popc {d:32, d2:32, d3:32, "
               "d4:32}, {a:32, a:32}, {b:32}, {c:32, c:32, c:32, c:32}",
               {0xf0f0f0f0u, 0xff00ff00u, 0xffffffffu},
               {63, 63, 63, 63},
               "4 words that differ in 16 bits each, - 1"},
              {"mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {d:32, d2:32, d3:32, "
               "d4:32}, {a:32, a:32, a:32, a:32}, {b:32, b:32}, {c:32, c:32, c:32, c:32}",
               {0xf0f0f0f0u, 0xff00ff00u, 0},
               {64, 64, 64, 64},
               "8 words with 8 common ones each"},
          },
      .warp_examples =
          {
              {"shr.u32 %a, %lane, 2; mov.u32 %c, 1; shl.b32 %b, %c, %a; and.b32 %c, %lane, 3; "
               "setp.ne.u32 %p, %c, 0; @%p mov.u32 %a, 0; @%p mov.u32 %b, 0; "
               "mma.sync.aligned.m8n8k16.row.col.s32.u8.u8.s32 {%c, %d}, {%a}, {%b}, {0, 0}; "
               "shl.b32 %d, %d, 16; or.b32 %value, %c, %d;",
               {0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00020001, 0x00080004, 0x00200010,
                0x00800040, 0x00040002, 0x00100008, 0x00400020, 0x01000080, 0x00060003, 0x0018000c,
                0x00600030, 0x018000c0, 0x00080004, 0x00200010, 0x00800040, 0x02000100, 0x000a0005,
                0x00280014, 0x00a00050, 0x02800140, 0x000c0006, 0x00300018, 0x00c00060, 0x03000180,
                0x000e0007, 0x0038001c, 0x00e00070, 0x038001c0},
               "A is the row number in column 0, B is 2^column in row 0: d is row * 2^column; lane "
               "4g + t has row g, columns 2t and 2t + 1"},
              {"mov.u32 %a, 0; mov.u32 %b, 0; setp.eq.u32 %p, %lane, 16; @%p mov.u32 %a, "
               "0x40000000; setp.eq.u32 %p, %lane, 1; @%p mov.u32 %b, 0x00004200; "
               "mma.sync.aligned.m8n8k4.row.row.f16.f16.f16.f16 {%value, _, _, _}, {%a, 0}, {%b, "
               "0}, {0, 0, 0, 0};",
               {0,          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0x00004600, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
               "lane 16 holds row 4 of the first A: 2 in column 1; lane 1 row 1 of its B: 3 in "
               "column 0; 6 goes to row 4, column 0"},
          },
  };
}

}  // namespace attest::ptx
