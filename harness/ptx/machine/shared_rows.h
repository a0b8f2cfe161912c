// Rows of 16 bytes in shared memory, as ldmatrix and cp.async want them: several rows at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/shared_tags.h"
#include "harness/ptx/machine/warp.h"
#include "harness/ptx/machine/words.h"
#include "harness/ptx/memory/shared_memory.h"

#include <cstddef>
#include <cstdint>
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

/// Lanes 0 .. count - 1 read a row each. False, and nothing has changed, when the exact rules must
/// look.
[[gnu::always_inline]] inline bool read_rows(SharedMemory& shared,
                                             const std::uint32_t* offset,
                                             int count,
                                             std::uint32_t warp) {
  if (!are_distinct_in_fours(offset, count)) return false;
  const Words floor = all_words(shared.floor());
  WordMask is_bad{};
  for (int l = 0; l < count; l += kRowsAtOnce) {
    const Words writers = load_rows(shared.writers(), offset + l);
    is_bad = either(is_bad, either(is_zero(writers), at_least(writers, floor)));
  }
  if (any(is_bad)) [[unlikely]]
    return false;
  Words me = all_words(tag::make(shared.clock(), tag::party(warp, 0))) + row_numbers();
  for (int l = 0; l < count; l += kRowsAtOnce) {
    const Words readers = load_rows(shared.readers(), offset + l);
    store_rows(shared.readers(), offset + l, merge_readers(readers, me, floor));
    me = me + all_words(kRowsAtOnce);
  }
  return true;
}

/// All 32 lanes start an asynchronous copy into a row each: poison, and a shadow that says so.
/// Returns the first lane of which, and of those behind it, the exact rules must do it.
[[gnu::always_inline]] inline int begin_rows(SharedMemory& shared,
                                             const std::uint32_t* offset,
                                             std::uint32_t warp) {
  const bool is_checked = shared.is_checked();
  if (is_checked && !are_distinct_in_fours(offset, kLanes)) return 0;
  const Words floor = all_words(shared.floor());
  Words me = all_words(tag::make(shared.clock(), tag::party(warp, 0))) + row_numbers();
  for (int l = 0; l < kLanes; l += kRowsAtOnce) {
    if (is_checked) {
      const Words writers = load_rows(shared.writers(), offset + l);
      const Words readers = load_rows(shared.readers(), offset + l);
      if (any(either(unordered(writers, me, floor), unordered(readers, me, floor)))) return l;
      store_rows(shared.writers(), offset + l, all_words(tag::kSplit));
      store_rows(shared.pending(), offset + l, me);
    }
    store_rows(shared.data(), offset + l, all_words(~0u));
    me = me + all_words(kRowsAtOnce);
  }
  return kLanes;
}

/// The rows of such copies arrive: `bytes` has one behind the other.
[[gnu::always_inline]] inline void deliver_rows(SharedMemory& shared,
                                                const std::uint32_t* offset,
                                                std::uint32_t warp,
                                                const std::byte* bytes) {
  Words me = all_words(tag::make(shared.clock(), tag::party(warp, 0))) + row_numbers();
  for (int l = 0; l < kLanes; l += kRowsAtOnce) {
    store_rows(shared.data(), offset + l, load_words(bytes + l * kRowWords * 4));
    if (!shared.is_checked()) continue;
    store_rows(shared.writers(), offset + l, me);
    store_rows(shared.readers(), offset + l, all_words(0));
    store_rows(shared.pending(), offset + l, all_words(0));
    me = me + all_words(kRowsAtOnce);
  }
}

}  // namespace attest::ptx
