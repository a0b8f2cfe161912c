// The operands of one mma as the AVX-512 kernels want them: columns of sixteen rows in f32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"

#include <cstdint>
#include <immintrin.h>

// Included by the files that are compiled for AVX-512, and by no other. Everything here is local to
// its file: an inline function that the linker shares between files could put AVX-512 code where a
// processor without it arrives.
namespace attest::ptx {
namespace {  // NOLINT(cert-dcl59-cpp): see above

/// A lane is one row m; a step of the kernels is one column n.
struct alignas(64) MmaValues {
  float a[16][16];   // [k][m]
  float b[2][8][8];  // [k / 8][n][k % 8], each broadcast
  float sum[8][16];  // [n][m], C and then D
};

inline __m512i load512(const void* at) {
  return _mm512_loadu_si512(at);
}

inline std::uint32_t bits_at(const float* at) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, at, sizeof bits);
  return bits;
}

/// Register `r` of A, B, C or D: 32 lanes, two vectors.
inline __m512i half_of(const std::uint32_t* lanes, int half) {
  return load512(lanes + 16 * half);
}

/// The dwords of A, two consecutive k each, as columns of sixteen rows: pair[k / 2].
inline void pairs_of_a(const std::uint32_t* const a[4], __m512i pair[8]) {
  // Eight rows of four dwords lie in two vectors; the first two and the last two of every row.
  const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const __m512i last =
      _mm512_setr_epi32(2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  for (int r = 0; r < 4; r += 2) {                                           // k 0-7, k 8-15
    const __m512i top[2] = {half_of(a[r], 0), half_of(a[r], 1)};             // rows 0-7
    const __m512i bottom[2] = {half_of(a[r + 1], 0), half_of(a[r + 1], 1)};  // rows 8-15
    const __m512i top01 = _mm512_permutex2var_epi32(top[0], first, top[1]);
    const __m512i top23 = _mm512_permutex2var_epi32(top[0], last, top[1]);
    const __m512i bottom01 = _mm512_permutex2var_epi32(bottom[0], first, bottom[1]);
    const __m512i bottom23 = _mm512_permutex2var_epi32(bottom[0], last, bottom[1]);
    pair[2 * r] = _mm512_shuffle_i64x2(top01, bottom01, 0x44);
    pair[2 * r + 1] = _mm512_shuffle_i64x2(top01, bottom01, 0xee);
    pair[2 * r + 2] = _mm512_shuffle_i64x2(top23, bottom23, 0x44);
    pair[2 * r + 3] = _mm512_shuffle_i64x2(top23, bottom23, 0xee);
  }
}

/// `put(k, column)` for every column of A.
template <MmaFormat format, class Put>
[[gnu::always_inline]] inline void widen_a(const __m512i pair[8], Put put) {
  // Words 0, 2, 4, .. of a pair are its even k.
  alignas(64) static constexpr std::uint16_t kEvenThenOdd[32] = {
      0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
      1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31};
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    if constexpr (format == MmaFormat::f16) {
      const __m512i split = _mm512_permutexvar_epi16(load512(kEvenThenOdd), pair[i]);
      put(2 * i, _mm512_cvtph_ps(_mm512_castsi512_si256(split)));
      put(2 * i + 1, _mm512_cvtph_ps(_mm512_extracti64x4_epi64(split, 1)));
    } else {
      const __m512i odd = _mm512_and_si512(pair[i], _mm512_set1_epi32(INT32_C(-65536)));
      put(2 * i, _mm512_castsi512_ps(_mm512_slli_epi32(pair[i], 16)));
      put(2 * i + 1, _mm512_castsi512_ps(odd));
    }
  }
}

/// A register of B in lane order is 8 n by 8 k, row-major.
template <MmaFormat format>
inline void widen_b(const std::uint32_t* const b[2], float (*to)[8][8]) {
  for (int r = 0; r < 2; ++r) {
    for (int i = 0; i < 4; ++i) {  // two n at a time
      const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b[r] + 8 * i));
      if constexpr (format == MmaFormat::f16) {
        _mm512_store_ps(to[r][2 * i], _mm512_cvtph_ps(bits));
      } else {
        _mm512_store_si512(to[r][2 * i], _mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
      }
    }
  }
}

/// Columns n of C. Register 2h + (n % 2) holds rows 8h .. 8h + 7; lane 4g + n / 2 is row g.
inline void columns_of_c(const std::uint32_t* const c[4], __m512 column[8]) {
  const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const __m512i last =
      _mm512_setr_epi32(2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
#pragma GCC unroll 2
  for (int odd = 0; odd < 2; ++odd) {
    const __m512i top[2] = {half_of(c[odd], 0), half_of(c[odd], 1)};
    const __m512i bottom[2] = {half_of(c[odd + 2], 0), half_of(c[odd + 2], 1)};
    const __m512i top01 = _mm512_permutex2var_epi32(top[0], first, top[1]);
    const __m512i top23 = _mm512_permutex2var_epi32(top[0], last, top[1]);
    const __m512i bottom01 = _mm512_permutex2var_epi32(bottom[0], first, bottom[1]);
    const __m512i bottom23 = _mm512_permutex2var_epi32(bottom[0], last, bottom[1]);
    column[odd] = _mm512_castsi512_ps(_mm512_shuffle_i64x2(top01, bottom01, 0x44));
    column[odd + 2] = _mm512_castsi512_ps(_mm512_shuffle_i64x2(top01, bottom01, 0xee));
    column[odd + 4] = _mm512_castsi512_ps(_mm512_shuffle_i64x2(top23, bottom23, 0x44));
    column[odd + 6] = _mm512_castsi512_ps(_mm512_shuffle_i64x2(top23, bottom23, 0xee));
  }
}

/// The inverse of columns_of_c.
inline void store_d(const __m512 column[8], std::uint32_t* const d[4]) {
  const __m512i low = _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
  const __m512i high =
      _mm512_setr_epi32(4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31);
#pragma GCC unroll 2
  for (int odd = 0; odd < 2; ++odd) {
    const __m512i x0 = _mm512_castps_si512(column[odd]);
    const __m512i x1 = _mm512_castps_si512(column[odd + 2]);
    const __m512i x2 = _mm512_castps_si512(column[odd + 4]);
    const __m512i x3 = _mm512_castps_si512(column[odd + 6]);
    const __m512i top01 = _mm512_shuffle_i64x2(x0, x1, 0x44);
    const __m512i top23 = _mm512_shuffle_i64x2(x2, x3, 0x44);
    const __m512i bottom01 = _mm512_shuffle_i64x2(x0, x1, 0xee);
    const __m512i bottom23 = _mm512_shuffle_i64x2(x2, x3, 0xee);
    _mm512_storeu_si512(d[odd], _mm512_permutex2var_epi32(top01, low, top23));
    _mm512_storeu_si512(d[odd] + 16, _mm512_permutex2var_epi32(top01, high, top23));
    _mm512_storeu_si512(d[odd + 2], _mm512_permutex2var_epi32(bottom01, low, bottom23));
    _mm512_storeu_si512(d[odd + 2] + 16, _mm512_permutex2var_epi32(bottom01, high, bottom23));
  }
}

/// All three into memory.
template <MmaFormat format>
inline void load_values(const __m512i pair[8],
                        const std::uint32_t* const b[2],
                        const std::uint32_t* const c[4],
                        MmaValues& to) {
  widen_a<format>(pair, [&](int k, __m512 column) { _mm512_store_ps(to.a[k], column); });
  widen_b<format>(b, to.b);
  __m512 column[8];
  columns_of_c(c, column);
  for (int n = 0; n < 8; ++n)
    _mm512_store_ps(to.sum[n], column[n]);
}
inline void store_sums(const MmaValues& from, std::uint32_t* const d[4]) {
  __m512 column[8];
  for (int n = 0; n < 8; ++n)
    column[n] = _mm512_load_ps(from.sum[n]);
  store_d(column, d);
}

/// Keeps the compiler from remembering what was stored there: it would replace broadcast loads by
/// permutations, which are slower.
template <class T>
inline const T* forgotten(const T* at) {
  asm volatile("" : "+r"(at) : : "memory");
  return at;
}

/// Sets MXCSR and restores what it found: results here are exact or rounded by the instruction
/// itself, and must not depend on the caller's mode, nor leave flags.
class MxcsrScope {
 public:
  explicit MxcsrScope(unsigned mode) : found_(_mm_getcsr()) { _mm_setcsr(mode); }
  ~MxcsrScope() { _mm_setcsr(found_); }
  MxcsrScope(const MxcsrScope&) = delete;
  MxcsrScope& operator=(const MxcsrScope&) = delete;

 private:
  unsigned found_;
};

constexpr unsigned kMxcsrDefault = 0x1f80;  // no exceptions, nearest, subnormals kept
constexpr unsigned kMxcsrFlush = 0x9f80;    // results below the smallest normal are zero

}  // namespace
}  // namespace attest::ptx
