// The tensor-core model in int32 on AVX-512: every product truncated to units of the largest
// exponent.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512.h"

#include "harness/ptx/machine/mma_avx512_operands.h"

namespace attest::ptx {
namespace {

/// Exponent codes: words whose sum is the biased f32 exponent 127 + e_a + e_b of a product, in the
/// place where the upper half of an f32 has it; below kLow of it if a factor is zero. No sum leaves
/// int16 as long as both exponents are at most kMostExponent.
///   a: (e + 127) * 128, zero kZero        b: e * 128, zero kZero
struct alignas(64) MmaCodes {
  std::int32_t a[8][16];    // [k / 2][m]
  std::int32_t b[2][8][4];  // [k / 8][n][k / 2 % 4]
};
constexpr int kZero = -128 * 128;
constexpr int kMostExponent = 30;

inline __m512i words(int value) {
  return _mm512_set1_epi16(static_cast<short>(value));
}

/// e * 128 of 32 elements, plus `bias` * 128.
template <MmaFormat format>
inline __m512i codes(__m512i bits, int bias) {
  const __mmask32 is_nonzero = _mm512_test_epi16_mask(bits, words(0x7fff));
  if constexpr (format == MmaFormat::f16) {
    const __m512i field = _mm512_srli_epi16(_mm512_and_si512(bits, words(0x7c00)), 3);
    return _mm512_mask_add_epi16(
        words(kZero), is_nonzero, _mm512_max_epi16(field, words(128)), words((bias - 15) * 128));
  } else {
    const __m512i field = _mm512_and_si512(bits, words(0x7f80));
    return _mm512_mask_add_epi16(
        words(kZero), is_nonzero, _mm512_max_epi16(field, words(128)), words((bias - 127) * 128));
  }
}

/// True when the exponent of some element, less `bias`, is beyond what codes allow, or there is an
/// Inf or NaN: for f16 that is exponent 16.
template <MmaFormat format>
inline bool is_beyond(__m512i largest, int bias) {
  const int most = format == MmaFormat::f16 ? 15 : kMostExponent;
  return _mm512_cmpgt_epi16_mask(largest, words((most + bias) * 128)) != 0;
}

/// The codes of A; true when they are not to be used.
template <MmaFormat format>
inline bool codes_of_a(const __m512i pair[8], MmaCodes& to) {
  __m512i largest = words(kZero);
  for (int i = 0; i < 8; ++i) {
    const __m512i code = codes<format>(pair[i], 127);
    largest = _mm512_max_epi16(largest, code);
    _mm512_store_si512(to.a[i], code);
  }
  return is_beyond<format>(largest, 127);
}

template <MmaFormat format>
inline bool codes_of_b(const std::uint32_t* const b[2], MmaCodes& to) {
  __m512i largest = words(kZero);
  for (int r = 0; r < 2; ++r) {
    for (int half = 0; half < 2; ++half) {
      const __m512i code = codes<format>(half_of(b[r], half), 0);
      largest = _mm512_max_epi16(largest, code);
      _mm512_store_si512(to.b[r][4 * half], code);
    }
  }
  return is_beyond<format>(largest, 0);
}

/// Largest biased exponent of the products of a block in bits 30..23; negative or below kLow where
/// every product is zero. Junk below.
template <int block>
inline __m512i product_exponent(const MmaCodes& code, int n, int first) {
  __m512i largest = words(2 * kZero);
#pragma GCC unroll 8
  for (int i = first / 2; i < (first + block) / 2; ++i) {
    const __m512i sum =
        _mm512_add_epi16(load512(code.a[i]), _mm512_set1_epi32(code.b[i / 4][n][i % 4]));
    largest = _mm512_max_epi16(largest, sum);
  }
  return _mm512_max_epi16(largest, _mm512_slli_epi32(largest, 16));
}

/// Lanes with a product that is not zero.
inline __mmask16 has_products(const MmaValues& in, int n, int first, int block) {
  int lanes = 0;
  for (int k = first; k < first + block; ++k) {
    if ((bits_at(&in.b[k / 8][n][k % 8]) & 0x7fffffffU) == 0) continue;
    const __m512i column = load512(in.a[k]);
    lanes |= _mm512_test_epi32_mask(column, _mm512_set1_epi32(0x7fffffff));
  }
  return static_cast<__mmask16>(lanes);
}

/// Biased exponents between which every step below is exact in f32 and every sum fits in int32:
/// above kLow a product that underflows f32 is less than one unit; up to kHigh none overflows.
constexpr int kLow = 31;
constexpr int kHigh = 247;

/// What makes the whole mma irregular, collected without a branch.
struct Irregular {
  __m512i exponent;  // the largest so far
  __m512i overflow;  // sign bits
};

/// c plus the products of one block, for the lanes of one column; b is the column's first.
template <int block, int fraction_bits>
inline __m512 block_column(
    const __m512 (&a)[block], const float* b, __m512 c, __m512i exponent, Irregular& irregular) {
  const __m512 scale = _mm512_castsi512_ps(_mm512_sub_epi32(
      _mm512_set1_epi32(static_cast<int>((254U + fraction_bits) << 23)), exponent));
  const __m512 unit =
      _mm512_castsi512_ps(_mm512_sub_epi32(exponent, _mm512_set1_epi32(fraction_bits << 23)));
  __m512i sum = _mm512_setzero_si512();
#pragma GCC unroll 16
  for (int k = 0; k < block; ++k) {
    const __m512 product = _mm512_mul_ps(a[k], _mm512_set1_ps(b[k / 8 * 64 + k % 8]));
    sum = _mm512_add_epi32(sum, _mm512_cvttps_epi32(_mm512_mul_ps(product, scale)));
  }
  const __m512i addend = _mm512_cvttps_epi32(_mm512_mul_ps(c, scale));
  const __m512i total = _mm512_add_epi32(sum, addend);
  if constexpr (block * (1LL << (fraction_bits + 2)) + (1LL << (fraction_bits + 1)) >= 1LL << 31) {
    // (total ^ sum) & (total ^ addend): both have the other sign.
    irregular.overflow =
        _mm512_or_si512(irregular.overflow, _mm512_ternarylogic_epi32(total, sum, addend, 0x18));
  }
  return _mm512_mul_ps(_mm512_cvt_roundepi32_ps(total, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC),
                       unit);
}

/// All columns, one block after the other; true when some lane is not to be trusted. A column's
/// next block comes long after the one before, and the products' exponents one step ahead: what
/// depends on what stays short.
template <int block, int fraction_bits>
inline bool all_columns(const MmaValues& in, const MmaCodes& code, float (*sum)[16]) {
  const __m512i low = _mm512_set1_epi32(kLow << 23);
  Irregular irregular = {_mm512_setzero_si512(), _mm512_setzero_si512()};
  for (int first = 0; first < 16; first += block) {
    __m512 a[block];
#pragma GCC unroll 16
    for (int k = 0; k < block; ++k)
      a[k] = _mm512_load_ps(in.a[first + k]);
    __m512i products = product_exponent<block>(code, 0, first);
#pragma GCC unroll 1
    for (int n = 0; n < 8; ++n) {
      const __m512 c = _mm512_load_ps(sum[n]);
      const __m512i bits = _mm512_castps_si512(c);
      const __m512i size = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
      const __m512i largest = _mm512_max_epi32(_mm512_max_epi32(products, low), size);
      const __m512i exponent = _mm512_and_si512(largest, _mm512_set1_epi32(0x7f800000));
      products = product_exponent<block>(code, (n + 1) % 8, first);
      __m512 result = block_column<block, fraction_bits>(
          a, in.b[first / 8][n] + first % 8, c, exponent, irregular);
      irregular.exponent = _mm512_max_epi32(irregular.exponent, exponent);
      const __mmask16 at_low = _mm512_cmpeq_epi32_mask(exponent, low);
      if (at_low != 0) [[unlikely]] {
        // No product and a small c: the sum is c itself, but for -0, whose sign the products decide.
        const auto kept =
            static_cast<__mmask16>(at_low & ~has_products(in, n, first, block) &
                                   _mm512_cmpneq_epi32_mask(bits, _mm512_set1_epi32(INT32_MIN)));
        result = _mm512_mask_mov_ps(result, kept, c);
        if (kept != at_low) return true;
      }
      _mm512_store_ps(sum[n], result);
    }
  }
  const __mmask16 high =
      _mm512_cmpgt_epi32_mask(irregular.exponent, _mm512_set1_epi32(kHigh << 23));
  return (high | _mm512_movepi32_mask(irregular.overflow)) != 0;
}

/// False, and d is as it was, when some output is irregular. Its own function, so that no
/// instruction moves past the changes of MXCSR around the call.
template <MmaFormat format, int block, int fraction_bits>
[[gnu::noinline]] bool run(std::uint32_t* const d[4],
                           const std::uint32_t* const a[4],
                           const std::uint32_t* const b[2],
                           const std::uint32_t* const c[4]) {
  MmaValues values;
  MmaCodes code;
  __m512i pair[8];
  pairs_of_a(a, pair);
  load_values<format>(pair, b, c, values);
  const bool is_beyond_codes = codes_of_a<format>(pair, code) | codes_of_b<format>(b, code);
  if (is_beyond_codes) [[unlikely]] {
    return false;
  }
  if (all_columns<block, fraction_bits>(*forgotten(&values), *forgotten(&code), values.sum))
      [[unlikely]] {
    return false;
  }
  store_sums(values, d);
  return true;
}

template <int block, int fraction_bits>
bool run(MmaFormat format,
         std::uint32_t* const d[4],
         const std::uint32_t* const a[4],
         const std::uint32_t* const b[2],
         const std::uint32_t* const c[4]) {
  // A product below the smallest normal is less than one unit, and so is a c; bf16 operands are not.
  const MxcsrScope scope(kMxcsrFlush);
  return format == MmaFormat::f16 ? run<MmaFormat::f16, block, fraction_bits>(d, a, b, c)
                                  : run<MmaFormat::bf16, block, fraction_bits>(d, a, b, c);
}

}  // namespace

int mma_exact_avx512(MmaFormat format,
                     const MmaModel& model,
                     std::uint32_t* const d[4],
                     const std::uint32_t* const a[4],
                     const std::uint32_t* const b[2],
                     const std::uint32_t* const c[4]) {
  bool is_done = false;
  if (model.zero_exponent < kLow - 127) {  // the fast form has no exponent of its own for a zero
    if (model.block == 8 && model.fraction_bits == 24) {
      is_done = run<8, 24>(format, d, a, b, c);
    } else if (model.block == 16 && model.fraction_bits == 25) {
      is_done = run<16, 25>(format, d, a, b, c);
    } else if (model.block == 4 && model.fraction_bits == 23) {
      is_done = run<4, 23>(format, d, a, b, c);
    }
  }
  if (is_done) [[likely]] {
    return 0;
  }
  mma_exact_wide_avx512(format, model, d, a, b, c);
  return 128;
}

}  // namespace attest::ptx
