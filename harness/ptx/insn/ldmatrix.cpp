// ldmatrix: PTX ISA 9.0, 9.7.14.5.15 (warp-level matrix load). Its words come in several orders.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/insn/matrix_rows.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/shared_rows.h"

#include <array>
#include <cstring>

namespace attest::ptx {
namespace {

#if defined(ATTEST_PLAIN)

void load_plain(const std::byte* data, const u32* address, bool is_transposed, u16* d) {
  for (int row = 0; row < 8; ++row) {
    u16 elements[8];
    std::memcpy(elements, data + address[row], kMatrixRowBytes);
    for (int column = 0; column < 8; ++column)
      d[is_transposed ? 8 * column + row : 8 * row + column] = elements[column];
  }
}

#elif defined(__AVX512BW__)

void transpose(const Words (&rows)[2], u32* d) {
  alignas(64) static constexpr auto kOrder = [] {
    std::array<std::array<u16, 32>, 2> order{};
    for (u16 n = 0; n < 64; ++n)
      order[n / 32][n % 32] = static_cast<u16>(8 * (n % 8) + n / 8);
    return order;
  }();
  for (int half = 0; half < 2; ++half) {
    const __m512i order = _mm512_load_si512(kOrder[static_cast<std::size_t>(half)].data());
    _mm512_storeu_si512(d + 16 * half, _mm512_permutex2var_epi16(rows[0].v, order, rows[1].v));
  }
}

#else

/// Eight rows, two in a vector.
void transpose(const Words (&rows)[4], u32* d) {
  // Rows 0 and 1 are the halves of one vector: words of both side by side, then pairs, then fours.
  __m256i pairs[4];  // [4 columns: low half, high half][two rows]
  for (int n = 0; n < 4; ++n) {
    const __m128i low = _mm256_castsi256_si128(rows[n].v);
    const __m128i high = _mm256_extracti128_si256(rows[n].v, 1);
    pairs[n] = _mm256_set_m128i(_mm_unpackhi_epi16(low, high), _mm_unpacklo_epi16(low, high));
  }
  const __m256i low01 = _mm256_unpacklo_epi32(pairs[0], pairs[1]);   // columns 0 1, 4 5
  const __m256i high01 = _mm256_unpackhi_epi32(pairs[0], pairs[1]);  // columns 2 3, 6 7
  const __m256i low23 = _mm256_unpacklo_epi32(pairs[2], pairs[3]);
  const __m256i high23 = _mm256_unpackhi_epi32(pairs[2], pairs[3]);
  const __m256i columns[4] = {_mm256_unpacklo_epi64(low01, low23),    // 0, 4
                              _mm256_unpackhi_epi64(low01, low23),    // 1, 5
                              _mm256_unpacklo_epi64(high01, high23),  // 2, 6
                              _mm256_unpackhi_epi64(high01, high23)};
  store_words(d, {_mm256_permute2x128_si256(columns[0], columns[1], 0x20)});
  store_words(d + 8, {_mm256_permute2x128_si256(columns[2], columns[3], 0x20)});
  store_words(d + 16, {_mm256_permute2x128_si256(columns[0], columns[1], 0x31)});
  store_words(d + 24, {_mm256_permute2x128_si256(columns[2], columns[3], 0x31)});
}

#endif

/// One 8x8 matrix. A 32-lane register in lane order is the matrix, row-major.
template <bool IsTransposed>
void load_one(const std::byte* data, const u32* address, u32* d) {
#if defined(ATTEST_PLAIN)
  load_plain(data, address, IsTransposed, reinterpret_cast<u16*>(d));
#else
  constexpr int kVectors = 8 / kRowsAtOnce;
  Words rows[kVectors];
  for (int n = 0; n < kVectors; ++n)
    rows[n] = load_rows(data, address + n * kRowsAtOnce);
  if constexpr (!IsTransposed) {
    for (int n = 0; n < kVectors; ++n)
      store_words(d + n * Words::kCount, rows[n]);
  } else {
    transpose(rows, d);
  }
#endif
}

/// Shadow of the rows; false after a finding.
bool check_rows(Warp& w, const Instr* i, const SharedLanes& at, int count) {
  SharedMemory& shared = w.cta->shared();
  if (!shared.is_checked()) return true;
#if !defined(ATTEST_PLAIN)
  if (read_rows(shared, at.address, count, w.index)) [[likely]]
    return true;
#endif
  for (int row = 0; row < count; ++row) {
    if (!shadow_read(w, i, row, at.address[row], kMatrixRowBytes)) return false;
  }
  return true;
}

/// Rows of 8 b16 elements at the addresses of lanes 0..8*Count-1; matrix r goes to register r.
template <int Count, bool IsTransposed, RowAddress Kind>
struct LoadMatrix {
  static const Instr* run(Warp& w, const Instr* i) {
    const Instr* next = nullptr;
    if (!enter_aligned(w, i, &next)) return next;
    SharedLanes at;
    if (!row_lanes<Count, Kind>(w, i, {Access::read, SharedPath::ldmatrix}, &at) ||
        !check_rows(w, i, at, 8 * Count))
      return nullptr;
    const std::byte* data = shared_data(w);
    for (int r = 0; r < Count; ++r)
      load_one<IsTransposed>(data, at.address + 8 * r, w.row<u32>(i->more[r]));
    return i + 1;
  }
};

template <int Count>
Handler pick(const Match& match, Instr*) {
  return pick_rows<LoadMatrix, Count, 75>(match);
}

}  // namespace

Insn insn_ldmatrix();
Insn insn_ldmatrix() {
  return {
      .opcode = "ldmatrix",
      .forms =
          {
              {"ldmatrix.sync.aligned.m8n8.x1{.trans}{.shared|.shared::cta}.b16 {d:32*1}, [a]",
               pick<1>},
              {"ldmatrix.sync.aligned.x1{.trans}.m8n8{.shared|.shared::cta}.b16 {d:32*1}, [a]",
               pick<1>},
              {"ldmatrix.sync.aligned.(trans).m8n8.x1{.shared|.shared::cta}.b16 {d:32*1}, [a]",
               pick<1>},
              {"ldmatrix.sync.aligned.m8n8.x2{.trans}{.shared|.shared::cta}.b16 {d:32*2}, [a]",
               pick<2>},
              {"ldmatrix.sync.aligned.x2{.trans}.m8n8{.shared|.shared::cta}.b16 {d:32*2}, [a]",
               pick<2>},
              {"ldmatrix.sync.aligned.(trans).m8n8.x2{.shared|.shared::cta}.b16 {d:32*2}, [a]",
               pick<2>},
              {"ldmatrix.sync.aligned.m8n8.x4{.trans}{.shared|.shared::cta}.b16 {d:32*4}, [a]",
               pick<4>},
              {"ldmatrix.sync.aligned.x4{.trans}.m8n8{.shared|.shared::cta}.b16 {d:32*4}, [a]",
               pick<4>},
              {"ldmatrix.sync.aligned.(trans).m8n8.x4{.shared|.shared::cta}.b16 {d:32*4}, [a]",
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
              {".shared .align 16 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; mov.u32 %c, %lane; "
               "$fill: shl.b32 %a, %c, 2; add.u32 %a, %a, %b; st.shared.u32 [%a], %c; "
               "add.u32 %c, %c, 32; setp.lt.u32 %p, %c, 128; @%p bra $fill; "
               "bar.warp.sync 0xffffffff; "
               "shl.b32 %a, %lane, 4; cvt.u64.u32 %wide, %a; mov.u64 %base, s; cvta.shared.u64 "
               "%base, %base; add.u64 %wide, %wide, %base; "
               "ldmatrix.sync.aligned.m8n8.x4.b16 {%f0, %f1, %f2, %value}, [%wide];",
               {96,  97,  98,  99,  100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
                112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127},
               "row r at 16 r, generic: register 3 is words 96 to 127 in lane order"},
              {".shared .align 16 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; mov.u32 %c, %lane; "
               "$fill: shl.b32 %a, %c, 2; add.u32 %a, %a, %b; st.shared.u32 [%a], %c; "
               "add.u32 %c, %c, 32; setp.lt.u32 %p, %c, 128; @%p bra $fill; "
               "bar.warp.sync 0xffffffff; "
               "xor.b32 %a, %lane, 15; shl.b32 %a, %a, 4; add.u32 %a, %a, %b; "
               "ldmatrix.sync.aligned.x2.trans.m8n8.shared.b16 {%f0, %value}, [%a];",
               {0x0018001c, 0x00100014, 0x0008000c, 0x00000004, 0, 0, 0, 0,
                0x0019001d, 0x00110015, 0x0009000d, 0x00010005, 0, 0, 0, 0,
                0x001a001e, 0x00120016, 0x000a000e, 0x00020006, 0, 0, 0, 0,
                0x001b001f, 0x00130017, 0x000b000f, 0x00030007, 0, 0, 0, 0},
               "rows in reverse: matrix 1 has words 28.., 24.., .. 0..; the high halves are zero"},
              {".shared .align 16 .b8 s[512]; .reg .b32 %f<8>; mov.u32 %b, s; mov.u32 %c, %lane; "
               "$fill: shl.b32 %a, %c, 2; add.u32 %a, %a, %b; st.shared.u32 [%a], %c; "
               "add.u32 %c, %c, 32; setp.lt.u32 %p, %c, 128; @%p bra $fill; "
               "bar.warp.sync 0xffffffff; "
               "and.b32 %a, %lane, 7; shl.b32 %a, %a, 4; add.u32 %a, %a, %b; cvt.u64.u32 %wide, "
               "%a; "
               "ldmatrix.sync.aligned.trans.m8n8.x1.shared::cta.b16 {%value}, [%wide+128];",
               {0x00240020, 0x002c0028, 0x00340030, 0x003c0038, 0, 0, 0, 0,
                0x00250021, 0x002d0029, 0x00350031, 0x003d0039, 0, 0, 0, 0,
                0x00260022, 0x002e002a, 0x00360032, 0x003e003a, 0, 0, 0, 0,
                0x00270023, 0x002f002b, 0x00370033, 0x003f003b, 0, 0, 0, 0},
               "from word 32 on"},
          },
      .fault_examples =
          {
              {".shared .align 16 .b8 s[128]; mov.u32 %b, s; mov.u32 %c, 1; shl.b32 %a, %lane, 2; "
               "add.u32 %a, %a, %b; st.shared.u32 [%a], %c; bar.warp.sync 0xffffffff; shl.b32 %a, "
               "%lane, 4; add.u32 %a, %a, %b; ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%value, "
               "%c}, [%a];",
               FindingKind::out_of_bounds,
               8,
               "row 8 lies behind 128 bytes"},
              {".shared .align 16 .b8 s[128]; mov.u32 %b, s; ldmatrix.sync.aligned.m8n8.x1.shared."
               "b16 {%value}, [%b+8];",
               FindingKind::misaligned,
               0,
               "rows are multiples of 16 bytes"},
              {"ld.param.u64 %wide, [out]; ldmatrix.sync.aligned.m8n8.x1.b16 {%value}, [%wide];",
               FindingKind::out_of_bounds,
               0,
               "generic, but in global memory"},
          },
  };
}

}  // namespace attest::ptx
