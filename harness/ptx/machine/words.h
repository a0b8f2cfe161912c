// Words: as many 32-bit words side by side as this build of the handlers has in one register.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

namespace attest::ptx {

#if defined(__AVX512F__)

struct Words {
  static constexpr int kCount = 16;
  __m512i v;
};
using WordMask = __mmask16;

inline Words load_words(const void* at) {
  return {_mm512_loadu_si512(at)};
}
inline void store_words(void* at, Words a) {
  _mm512_storeu_si512(at, a.v);
}
inline Words all_words(std::uint32_t value) {
  return {_mm512_set1_epi32(static_cast<int>(value))};
}
inline Words iota_words() {
  return {_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)};
}
inline std::uint32_t first_word(Words a) {
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm512_castsi512_si128(a.v)));
}
inline Words operator+(Words a, Words b) {
  return {_mm512_add_epi32(a.v, b.v)};
}
inline Words operator&(Words a, Words b) {
  return {_mm512_and_si512(a.v, b.v)};
}
inline Words operator|(Words a, Words b) {
  return {_mm512_or_si512(a.v, b.v)};
}
inline Words operator^(Words a, Words b) {
  return {_mm512_xor_si512(a.v, b.v)};
}
template <int kBits>
Words shift_right(Words a) {
  return {_mm512_srli_epi32(a.v, kBits)};
}
template <int kBits>
Words shift_left(Words a) {
  return {_mm512_slli_epi32(a.v, kBits)};
}
/// Unsigned.
inline WordMask at_least(Words a, Words b) {
  return _mm512_cmpge_epu32_mask(a.v, b.v);
}
inline WordMask has_bits(Words a, Words bits) {
  return _mm512_test_epi32_mask(a.v, bits.v);
}
inline WordMask is_zero(Words a) {
  return _mm512_testn_epi32_mask(a.v, a.v);
}
inline WordMask either(WordMask a, WordMask b) {
  return _kor_mask16(a, b);
}
inline WordMask both(WordMask a, WordMask b) {
  return _kand_mask16(a, b);
}
inline bool any(WordMask m) {
  return _kortestz_mask16_u8(m, m) == 0;
}
/// `a` with `bits` set where the mask says.
inline Words set_where(WordMask m, Words a, Words bits) {
  return {_mm512_mask_or_epi32(a.v, m, a.v, bits.v)};
}
/// Words at base + byte offsets.
inline Words gather_words(const void* base, Words offset) {
  return {_mm512_i32gather_epi32(offset.v, base, 1)};
}

#else

struct Words {
  static constexpr int kCount = 8;
  __m256i v;
};
struct WordMask {
  __m256i v;
};

inline Words load_words(const void* at) {
  return {_mm256_loadu_si256(static_cast<const __m256i*>(at))};
}
inline void store_words(void* at, Words a) {
  _mm256_storeu_si256(static_cast<__m256i*>(at), a.v);
}
inline Words all_words(std::uint32_t value) {
  return {_mm256_set1_epi32(static_cast<int>(value))};
}
inline Words iota_words() {
  return {_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)};
}
inline std::uint32_t first_word(Words a) {
  return static_cast<std::uint32_t>(_mm256_cvtsi256_si32(a.v));
}
inline Words operator+(Words a, Words b) {
  return {_mm256_add_epi32(a.v, b.v)};
}
inline Words operator&(Words a, Words b) {
  return {_mm256_and_si256(a.v, b.v)};
}
inline Words operator|(Words a, Words b) {
  return {_mm256_or_si256(a.v, b.v)};
}
inline Words operator^(Words a, Words b) {
  return {_mm256_xor_si256(a.v, b.v)};
}
template <int kBits>
Words shift_right(Words a) {
  return {_mm256_srli_epi32(a.v, kBits)};
}
template <int kBits>
Words shift_left(Words a) {
  return {_mm256_slli_epi32(a.v, kBits)};
}
/// Unsigned.
inline WordMask at_least(Words a, Words b) {
  return {_mm256_cmpeq_epi32(_mm256_max_epu32(a.v, b.v), a.v)};
}
inline WordMask is_zero(Words a) {
  return {_mm256_cmpeq_epi32(a.v, _mm256_setzero_si256())};
}
inline WordMask has_bits(Words a, Words bits) {
  return {_mm256_xor_si256(is_zero(a & bits).v, _mm256_set1_epi32(-1))};
}
inline WordMask either(WordMask a, WordMask b) {
  return {_mm256_or_si256(a.v, b.v)};
}
inline WordMask both(WordMask a, WordMask b) {
  return {_mm256_and_si256(a.v, b.v)};
}
inline bool any(WordMask m) {
  return _mm256_testz_si256(m.v, m.v) == 0;
}
/// `a` with `bits` set where the mask says.
inline Words set_where(WordMask m, Words a, Words bits) {
  return {_mm256_or_si256(a.v, _mm256_and_si256(m.v, bits.v))};
}
/// Words at base + byte offsets.
inline Words gather_words(const void* base, Words offset) {
  return {_mm256_i32gather_epi32(static_cast<const int*>(base), offset.v, 1)};
}

#endif

inline bool is_same(Words a, Words b) {
  return !any(has_bits(a ^ b, all_words(~0u)));
}

}  // namespace attest::ptx
