// Rows of 16 bytes in shared memory, as ldmatrix and cp.async want them: several rows at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/shared_tags.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/machine/words.h"
#include "harness/ptx/memory/shared_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace attest::ptx {

inline constexpr int kRowWords = 4;
inline constexpr int kRowsAtOnce = Words::kCount / kRowWords;

namespace detail {

inline __m128i load_row(const void* base, std::uint32_t offset) {
  return _mm_loadu_si128(
      reinterpret_cast<const __m128i*>(static_cast<const std::byte*>(base) + offset));
}
inline void store_row(void* base, std::uint32_t offset, __m128i row) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(static_cast<std::byte*>(base) + offset), row);
}

}  // namespace detail

/// kRowsAtOnce rows at base + byte offsets, one behind the other.
[[gnu::always_inline]] inline Words load_rows(const void* base, const std::uint32_t* offset) {
  using detail::load_row;
#if defined(__AVX512F__)
  __m512i v = _mm512_castsi128_si512(load_row(base, offset[0]));
  v = _mm512_inserti32x4(v, load_row(base, offset[1]), 1);
  v = _mm512_inserti32x4(v, load_row(base, offset[2]), 2);
  return {_mm512_inserti32x4(v, load_row(base, offset[3]), 3)};
#else
  return {_mm256_set_m128i(load_row(base, offset[1]), load_row(base, offset[0]))};
#endif
}

[[gnu::always_inline]] inline void store_rows(void* base, const std::uint32_t* offset, Words rows) {
  using detail::store_row;
#if defined(__AVX512F__)
  store_row(base, offset[0], _mm512_castsi512_si128(rows.v));
  store_row(base, offset[1], _mm512_extracti32x4_epi32(rows.v, 1));
  store_row(base, offset[2], _mm512_extracti32x4_epi32(rows.v, 2));
  store_row(base, offset[3], _mm512_extracti32x4_epi32(rows.v, 3));
#else
  store_row(base, offset[0], _mm256_castsi256_si128(rows.v));
  store_row(base, offset[1], _mm256_extracti128_si256(rows.v, 1));
#endif
}

/// 0 for the words of the first row, 1 for those of the second, ..
inline Words row_numbers() {
  return shift_right<2>(iota_words());
}

/// True when no row occurs twice among lanes 4n .. 4n + 3, for every n. `count`: of lanes, a
/// multiple of 8.
[[gnu::always_inline]] inline bool are_distinct_in_fours(const std::uint32_t* offset, int count) {
  // Each lane against the next and the next but one of its four, in a circle.
  __m256i same = _mm256_setzero_si256();
  for (int l = 0; l < count; l += 8) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(offset + l));
    same = _mm256_or_si256(same, _mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(a, 0x39)));
    same = _mm256_or_si256(same, _mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(a, 0x4e)));
  }
  return _mm256_testz_si256(same, same) != 0;
}

/// True when every word of the rows was written, and before the floor. `count`: a multiple of 8.
[[gnu::always_inline]] inline bool are_readable(SharedMemory& shared,
                                                const std::uint32_t* offset,
                                                int count) {
  // Of tags less one, the largest: a word that was never written has the largest of all.
  const __m128i minus_one = _mm_set1_epi32(-1);
  __m128i largest[2] = {_mm_setzero_si128(), _mm_setzero_si128()};
  for (int l = 0; l < count; l += 2) {
    for (int n = 0; n < 2; ++n) {
      const __m128i writers = detail::load_row(shared.writers(), offset[l + n]);
      largest[n] = _mm_max_epu32(largest[n], _mm_add_epi32(writers, minus_one));
    }
  }
  const __m128i limit = _mm_set1_epi32(static_cast<int>(shared.floor() - 1));
  const __m128i found = _mm_max_epu32(largest[0], largest[1]);
  const __m128i is_bad = _mm_cmpeq_epi32(_mm_max_epu32(found, limit), found);
  return _mm_testz_si128(is_bad, is_bad) != 0;
}

/// `count`: a multiple of 8.
[[gnu::always_inline]] inline bool are_same_rows(const std::uint32_t* a,
                                                 const std::uint32_t* b,
                                                 int count) {
  __m256i different = _mm256_setzero_si256();
  for (int l = 0; l < count; l += 8) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + l));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + l));
    different = _mm256_or_si256(different, _mm256_xor_si256(x, y));
  }
  return _mm256_testz_si256(different, different) != 0;
}

/// The first and the last byte of the rows.
struct RowSpan {
  std::uint32_t first;
  std::uint32_t last;
};
[[gnu::always_inline]] inline RowSpan span_of(const std::uint32_t* offset, int count) {
  std::uint32_t first = offset[0];
  std::uint32_t last = offset[0];
  for (int l = 1; l < count; ++l) {
    first = offset[l] < first ? offset[l] : first;
    last = offset[l] > last ? offset[l] : last;
  }
  return {first, last + 4 * kRowWords - 1};
}

/// Lanes 0 .. count - 1 read a row each. False, and nothing has changed, when the exact rules must
/// look.
[[gnu::always_inline]] inline bool read_rows(SharedMemory& shared,
                                             const std::uint32_t* offset,
                                             int count,
                                             std::uint32_t warp) {
  RowReads& seen = shared.row_reads(offset[0]);
  if (seen.clock == shared.clock() && seen.count == static_cast<std::uint32_t>(count) &&
      are_same_rows(seen.offset, offset, count) &&
      seen.writes == shared.writes(seen.first, seen.last)) [[likely]] {
    if (seen.warp != warp) seen.warp = RowReads::kSeveralWarps;
    return true;
  }
  if (!are_readable(shared, offset, count)) return false;
  shared.replace(seen);
  const RowSpan span = span_of(offset, count);
  shared.note_read(span.first, span.last);
  seen.clock = shared.clock();
  seen.warp = warp;
  seen.first = span.first;
  seen.last = span.last;
  seen.writes = shared.writes(span.first, span.last);
  seen.count = static_cast<std::uint32_t>(count);
  std::memcpy(seen.offset, offset, sizeof *offset * seen.count);
  return true;
}

/// All 32 lanes start an asynchronous copy into a row each: poison, or a shadow that says so.
/// Returns the first lane of which, and of those behind it, the exact rules must do it.
[[gnu::always_inline]] inline int begin_rows(SharedMemory& shared,
                                             const std::uint32_t* offset,
                                             std::uint32_t warp) {
  if (!shared.is_checked()) {
    for (int l = 0; l < kLanes; l += kRowsAtOnce)
      store_rows(shared.data(), offset + l, all_words(~0u));
    return kLanes;
  }
  if (!are_distinct_in_fours(offset, kLanes)) return 0;
  const RowSpan span = span_of(offset, kLanes);
  shared.before_write(span.first, span.last);
  const Words floor = all_words(shared.floor());
  Words me = all_words(tag::make(shared.clock(), tag::party(warp, 0))) + row_numbers();
  for (int l = 0; l < kLanes; l += kRowsAtOnce) {
    const Words writers = load_rows(shared.writers(), offset + l);
    const Words readers = load_rows(shared.readers(), offset + l);
    if (any(either(unordered(writers, me, floor), unordered(readers, me, floor)))) return l;
    store_rows(shared.writers(), offset + l, all_words(tag::kCopying));
    if (any(at_least(readers, floor))) store_rows(shared.readers(), offset + l, all_words(0));
    me = me + all_words(kRowsAtOnce);
  }
  return kLanes;
}

/// The bytes of 32 rows.
[[gnu::always_inline]] inline void place_rows(SharedMemory& shared,
                                              const std::uint32_t* offset,
                                              const std::byte (*bytes)[16]) {
  for (int l = 0; l < kLanes; ++l)
    std::memcpy(shared.data() + offset[l], bytes[l], sizeof bytes[l]);
}

/// Such copies arrive: their rows, which have the bytes, may be accessed.
[[gnu::always_inline]] inline void deliver_rows(SharedMemory& shared,
                                                const std::uint32_t* offset,
                                                std::uint32_t warp) {
  if (!shared.is_checked()) return;
  const RowSpan span = span_of(offset, kLanes);
  shared.before_write(span.first, span.last);
  const __m128i one = _mm_set1_epi32(1);
  __m128i me = _mm_set1_epi32(static_cast<int>(tag::make(shared.clock(), tag::party(warp, 0))));
  for (int l = 0; l < kLanes; ++l) {
    detail::store_row(shared.writers(), offset[l], me);
    me = _mm_add_epi32(me, one);
  }
}

}  // namespace attest::ptx
