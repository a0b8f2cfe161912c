// ldmatrix: PTX ISA 9.0, 9.7.14.5.15 (warp-level matrix load).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/aligned.h"
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/shared_access.h"
#include "harness/ptx/machine/shared_rows.h"

#include <array>
#include <cstring>

namespace attest::ptx {
namespace {

constexpr u32 kRowBytes = 16;  // eight b16

#if defined(ATTEST_PLAIN)

void load_plain(const std::byte* data, const u32* address, bool is_transposed, u16* d) {
  for (int row = 0; row < 8; ++row) {
    u16 elements[8];
    std::memcpy(elements, data + address[row], kRowBytes);
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
    if (!shadow_read(w, i, row, at.address[row], kRowBytes)) return false;
  }
  return true;
}

/// Rows of 8 b16 elements at the addresses of lanes 0..8*Count-1; matrix r goes to register r.
template <int Count, bool IsTransposed, bool IsWide>
const Instr* load_matrix(Warp& w, const Instr* i) {
  const Instr* next = nullptr;
  if (!enter_aligned(w, i, &next)) return next;
  constexpr int kRows = 8 * Count;
  constexpr u32 kAddressLanes = kRows == 32 ? kAllLanes : (1u << kRows) - 1;
  SharedLanes at;
  if (!shared_lanes(w, i, kAddressLanes, i->op[0], IsWide, kRowBytes, Access::read, &at) ||
      !check_rows(w, i, at, kRows)) {
    return nullptr;
  }
  const std::byte* data = shared_data(w);
  for (int r = 0; r < Count; ++r)
    load_one<IsTransposed>(data, at.address + 8 * r, w.row<u32>(i->more[r]));
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
