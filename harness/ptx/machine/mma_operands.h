// The operands of one mma as AVX2 wants them: f32 values, and codes of their exponents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace attest::ptx::mma {

// A lane is one column n, in the order 0 2 4 6 1 3 5 7; a step is one row m. That is the order of
// C's registers (low half from the even one, high half from the odd one), and B takes it for free
// in the transposition that it needs anyway; A is broadcast.

template <MmaFormat format>
constexpr bool kBytes = format == MmaFormat::f16;

/// Exponent codes, so arranged that one saturating operation on the codes of a and b gives the
/// biased f32 exponent 127 + e_a + e_b, or something below every exponent if a factor is zero.
///   f16   bytes, 4 k in a dword   a: e + 157, zero 0        b: 30 - e, zero 255   subtract, floor 0
///   bf16  words, 2 k in a dword   a: e + 127, zero -20000   b: e, zero -20000     add
template <MmaFormat format>
struct Operands {
  static constexpr std::size_t kDwords = kBytes<format> ? 4 : 8;
  alignas(32) float a[16][16];                   // [m][k]
  alignas(32) float b[16][8];                    // [k][lane]
  alignas(32) std::int32_t a_code[16][kDwords];  // [m][dword]
  alignas(32) std::int32_t b_code[kDwords][8];   // [dword][lane]
};

/// Magnitude bits from which a value is Inf or NaN.
template <MmaFormat format>
constexpr int kFirstSpecial = kBytes<format> ? 0x7c00 : 0x7f80;

inline __m256i load(const void* at) {
  return _mm256_load_si256(static_cast<const __m256i*>(at));
}
inline void store(void* at, __m256i value) {
  _mm256_store_si256(static_cast<__m256i*>(at), value);
}
inline __m256i words(int value) {
  return _mm256_set1_epi16(static_cast<short>(value));
}

/// Codes of 16 elements as words. `largest` collects the magnitudes, for the Inf and NaN test.
template <MmaFormat format, bool is_a>
inline __m256i codes(__m256i bits, __m256i& largest) {
  const __m256i size = _mm256_and_si256(bits, words(0x7fff));
  largest = _mm256_max_epi16(largest, size);
  const __m256i is_zero = _mm256_cmpeq_epi16(size, _mm256_setzero_si256());
  const __m256i field =
      _mm256_max_epi16(_mm256_srli_epi16(size, kBytes<format> ? 10 : 7), words(1));
  if constexpr (kBytes<format>) {
    return is_a ? _mm256_andnot_si256(is_zero, _mm256_add_epi16(field, words(157 - 15)))
                : _mm256_blendv_epi8(_mm256_sub_epi16(words(30 + 15), field), words(255), is_zero);
  } else {
    const __m256i code = is_a ? field : _mm256_sub_epi16(field, words(127));
    return _mm256_blendv_epi8(code, words(-20000), is_zero);
  }
}

/// Transposes the 4 x 4 dwords in each 128-bit half.
inline void transpose(__m256i x[4]) {
  const __m256i lo01 = _mm256_unpacklo_epi32(x[0], x[1]);
  const __m256i hi01 = _mm256_unpackhi_epi32(x[0], x[1]);
  const __m256i lo23 = _mm256_unpacklo_epi32(x[2], x[3]);
  const __m256i hi23 = _mm256_unpackhi_epi32(x[2], x[3]);
  x[0] = _mm256_unpacklo_epi64(lo01, lo23);
  x[1] = _mm256_unpackhi_epi64(lo01, lo23);
  x[2] = _mm256_unpacklo_epi64(hi01, hi23);
  x[3] = _mm256_unpackhi_epi64(hi01, hi23);
}

template <MmaFormat format>
inline void widen(const __m128i bits, float* out) {
  if constexpr (kBytes<format>) {
    _mm256_store_ps(out, _mm256_cvtph_ps(bits));
  } else {
    store(out, _mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
}

template <MmaFormat format, bool has_codes = true>
inline void prepare_a(const std::uint32_t* const a[4], Operands<format>& to, __m256i& largest) {
  for (std::size_t half = 0; half < 2; ++half) {  // rows 0-7, rows 8-15
    for (std::size_t v = 0; v < 4; ++v) {         // two rows in a vector
      const std::size_t m = 8 * half + 2 * v;
      const __m256i left = load(a[half] + 8 * v);       // k 0-7
      const __m256i right = load(a[half + 2] + 8 * v);  // k 8-15
      widen<format>(_mm256_castsi256_si128(left), to.a[m]);
      widen<format>(_mm256_castsi256_si128(right), to.a[m] + 8);
      widen<format>(_mm256_extracti128_si256(left, 1), to.a[m + 1]);
      widen<format>(_mm256_extracti128_si256(right, 1), to.a[m + 1] + 8);
      if constexpr (!has_codes) continue;
      const __m256i left_code = codes<format, true>(left, largest);
      const __m256i right_code = codes<format, true>(right, largest);
      if constexpr (kBytes<format>) {
        store(to.a_code[m], _mm256_packus_epi16(left_code, right_code));
      } else {
        store(to.a_code[m], _mm256_permute2x128_si256(left_code, right_code, 0x20));
        store(to.a_code[m + 1], _mm256_permute2x128_si256(left_code, right_code, 0x31));
      }
    }
  }
}

/// Four transposed registers (lane n; dword k, k+1) to eight rows of B in f32.
template <MmaFormat format>
inline void widen_b(const __m256i pair[4], float (*out)[8]) {
  const __m256i low_half = _mm256_set1_epi32(0xffff);
  for (std::size_t t = 0; t < 4; t += 2) {
    if constexpr (kBytes<format>) {
      const __m256i even =
          _mm256_permute4x64_epi64(_mm256_packus_epi32(_mm256_and_si256(pair[t], low_half),
                                                       _mm256_and_si256(pair[t + 1], low_half)),
                                   0xd8);
      const __m256i odd = _mm256_permute4x64_epi64(
          _mm256_packus_epi32(_mm256_srli_epi32(pair[t], 16), _mm256_srli_epi32(pair[t + 1], 16)),
          0xd8);
      widen<format>(_mm256_castsi256_si128(even), out[2 * t]);
      widen<format>(_mm256_castsi256_si128(odd), out[2 * t + 1]);
      widen<format>(_mm256_extracti128_si256(even, 1), out[2 * t + 2]);
      widen<format>(_mm256_extracti128_si256(odd, 1), out[2 * t + 3]);
    } else {
      for (std::size_t i = t; i < t + 2; ++i) {
        store(out[2 * i], _mm256_slli_epi32(pair[i], 16));
        store(out[2 * i + 1], _mm256_andnot_si256(low_half, pair[i]));
      }
    }
  }
}

template <MmaFormat format, bool has_codes = true>
inline void prepare_b(const std::uint32_t* const b[2], Operands<format>& to, __m256i& largest) {
  __m256i code[2][4];
  for (std::size_t r = 0; r < 2; ++r) {
    __m256i pair[4];
    for (std::size_t v = 0; v < 4; ++v) {
      pair[v] = load(b[r] + 8 * v);
      if constexpr (has_codes) code[r][v] = codes<format, false>(pair[v], largest);
    }
    transpose(pair);
    widen_b<format>(pair, to.b + 8 * r);
  }
  if constexpr (!has_codes) return;
  if constexpr (kBytes<format>) {
    for (std::size_t v = 0; v < 4; ++v) {
      code[0][v] = _mm256_packus_epi16(code[0][v], code[1][v]);
    }
  }
  for (std::size_t r = 0; r < Operands<format>::kDwords / 4; ++r) {
    transpose(code[r]);
    for (std::size_t t = 0; t < 4; ++t) {
      store(to.b_code[4 * r + t], code[r][t]);
    }
  }
}

}  // namespace attest::ptx::mma
