// The tensor-core model in int32 on AVX-512: every product truncated to units of the largest
// exponent.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512.h"

#include "harness/ptx/machine/mma_avx512_operands.h"

namespace attest::ptx {
namespace {

/// Exponent codes, so arranged that one saturating operation on the codes of a and b gives the
/// biased f32 exponent 127 + e_a + e_b, or something below every exponent if a factor is zero.
///   f16   bytes, 4 k in a dword   a: e + 157, zero 0        b: 30 - e, zero 255   subtract, floor 0
///   bf16  words, 2 k in a dword   a: e + 127, zero -20000   b: e, zero -20000     add
/// In a dword of f16 the order of k is 0 2 1 3.
template <MmaFormat format>
constexpr bool kBytes = format == MmaFormat::f16;
template <MmaFormat format>
constexpr int kDwords = kBytes<format> ? 4 : 8;  // of sixteen k

template <MmaFormat format>
struct alignas(64) MmaCodes {
  std::int32_t a[kDwords<format>][16];  // [dword][m]
  std::int32_t b[kDwords<format> / 4][8][4];
};

struct F16Codes {
  std::uint16_t a[32];
  std::uint16_t b[32];
};
/// By the exponent field; the subnormals' exponent is -14, Inf and NaN have codes of their own.
constexpr F16Codes make_f16_codes() {
  F16Codes codes{};
  for (int field = 0; field < 32; ++field) {
    const int e = (field == 0 ? 1 : field) - 15;
    codes.a[field] = static_cast<std::uint16_t>(field == 31 ? 255 : e + 157);
    codes.b[field] = static_cast<std::uint16_t>(field == 31 ? 0 : 30 - e);
  }
  return codes;
}
alignas(64) constexpr F16Codes kF16Codes = make_f16_codes();

inline __m512i words(int value) {
  return _mm512_set1_epi16(static_cast<short>(value));
}

/// Codes of 32 elements as words.
template <MmaFormat format, bool is_a>
inline __m512i codes(__m512i bits) {
  const __m512i twice = _mm512_add_epi16(bits, bits);  // without the sign
  const __mmask32 is_nonzero = _mm512_test_epi16_mask(twice, twice);
  if constexpr (kBytes<format>) {
    const __m512i field = _mm512_srli_epi16(bits, 10);  // and the sign, which the lookup ignores
    return is_a
               ? _mm512_maskz_permutexvar_epi16(is_nonzero, field, load512(kF16Codes.a))
               : _mm512_mask_permutexvar_epi16(words(255), is_nonzero, field, load512(kF16Codes.b));
  } else {
    const __m512i field = _mm512_max_epi16(_mm512_srli_epi16(twice, 8), words(1));
    return is_a ? _mm512_mask_mov_epi16(words(-20000), is_nonzero, field)
                : _mm512_mask_sub_epi16(words(-20000), is_nonzero, field, words(127));
  }
}

/// True when some element is Inf or NaN.
template <MmaFormat format>
inline bool codes_of_a(const __m512i pair[8], MmaCodes<format>& to) {
  __m512i largest = _mm512_setzero_si512();
  if constexpr (kBytes<format>) {
    for (int i = 0; i < 8; i += 2) {
      const __m512i code = _mm512_or_si512(codes<format, true>(pair[i]),
                                           _mm512_slli_epi16(codes<format, true>(pair[i + 1]), 8));
      largest = _mm512_max_epu8(largest, code);
      _mm512_store_si512(to.a[i / 2], code);
    }
    return _mm512_cmpeq_epi8_mask(largest, _mm512_set1_epi8(-1)) != 0;
  } else {
    for (int i = 0; i < 8; ++i) {
      const __m512i code = codes<format, true>(pair[i]);
      largest = _mm512_max_epi16(largest, code);
      _mm512_store_si512(to.a[i], code);
    }
    return _mm512_cmpeq_epi16_mask(largest, words(255)) != 0;
  }
}

template <MmaFormat format>
inline bool codes_of_b(const std::uint32_t* const b[2], MmaCodes<format>& to) {
  __m512i code[2][2];
  for (int r = 0; r < 2; ++r) {
    for (int half = 0; half < 2; ++half)
      code[r][half] = codes<format, false>(half_of(b[r], half));
  }
  if constexpr (kBytes<format>) {
    // A 128-bit lane is one n: k 0-7 from one register, 8-15 from the other.
    const __m512i order = _mm512_set4_epi32(0x0f0d0e0c, 0x0b090a08, 0x07050604, 0x03010200);
    __m512i least = _mm512_set1_epi8(-1);
    for (int half = 0; half < 2; ++half) {
      const __m512i bytes =
          _mm512_shuffle_epi8(_mm512_packus_epi16(code[0][half], code[1][half]), order);
      least = _mm512_min_epu8(least, bytes);
      _mm512_store_si512(to.b[0][4 * half], bytes);
    }
    return _mm512_testn_epi8_mask(least, least) != 0;
  } else {
    __m512i largest = words(-20000);
    for (int r = 0; r < 2; ++r) {
      for (int half = 0; half < 2; ++half) {
        largest = _mm512_max_epi16(largest, code[r][half]);
        _mm512_store_si512(to.b[r][4 * half], code[r][half]);
      }
    }
    return _mm512_cmpeq_epi16_mask(largest, words(255 - 127)) != 0;
  }
}

/// Largest biased exponent of a block's products in bits 30..23 (junk below), in [0, 255], and the
/// lanes whose products are all zero.
template <MmaFormat format, int first, int count>
inline __m512i product_exponent(const MmaCodes<format>& code, int n, __mmask16& none) {
  __m512i largest = _mm512_setzero_si512();
  for (int i = first; i < first + count; ++i) {
    const __m512i x = load512(code.a[i]);
    const __m512i y = _mm512_set1_epi32(code.b[i / 4][n][i % 4]);
    const __m512i sum = kBytes<format> ? _mm512_subs_epu8(x, y) : _mm512_adds_epi16(x, y);
    largest = i == first       ? sum
              : kBytes<format> ? _mm512_max_epu8(largest, sum)
                               : _mm512_max_epi16(largest, sum);
  }
  if constexpr (kBytes<format>) {
    largest = _mm512_max_epu8(largest, _mm512_slli_epi32(largest, 16));
    largest = _mm512_srli_epi32(_mm512_max_epu8(largest, _mm512_slli_epi32(largest, 8)), 1);
    none = _mm512_cmplt_epi32_mask(largest, _mm512_set1_epi32(1 << 23));
    return largest;
  } else {
    largest = _mm512_max_epi16(largest, _mm512_slli_epi32(largest, 16));
    none = _mm512_cmplt_epi32_mask(largest, _mm512_set1_epi32(-10000 * 65536));
    return _mm512_slli_epi32(
        _mm512_max_epi16(_mm512_min_epi16(largest, words(255)), _mm512_setzero_si512()), 7);
  }
}

/// Biased exponents between which every step below is exact in f32 and every sum fits in int32:
/// above kLow a product that underflows f32 is less than one unit; up to kHigh none overflows.
constexpr int kLow = 31;
constexpr int kHigh = 247;

/// What makes the whole mma irregular, collected without a branch.
struct Irregular {
  __m512i exponent;  // the largest so far
  __m512i overflow;  // sign bits
  unsigned lanes;
};

/// One block for one column n: c plus its products.
template <MmaFormat format, int block, int fraction_bits, int first>
inline __m512 block_column(
    const MmaValues& in, const MmaCodes<format>& code, int n, __m512 c, Irregular& irregular) {
  const __m512i bits = _mm512_castps_si512(c);
  const __m512i low = _mm512_set1_epi32(kLow << 23);
  __mmask16 none;
  __m512i exponent =
      product_exponent<format, first * kDwords<format> / 16, block * kDwords<format> / 16>(
          code, n, none);
  exponent = _mm512_max_epi32(exponent, _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)));
  exponent = _mm512_and_si512(_mm512_max_epi32(exponent, low), _mm512_set1_epi32(0x7f800000));
  const __m512 scale = _mm512_castsi512_ps(_mm512_sub_epi32(
      _mm512_set1_epi32(static_cast<int>((254U + fraction_bits) << 23)), exponent));
  const __m512 unit =
      _mm512_castsi512_ps(_mm512_sub_epi32(exponent, _mm512_set1_epi32(fraction_bits << 23)));

  __m512i sum = _mm512_setzero_si512();
#pragma GCC unroll 16
  for (int k = first; k < first + block; ++k) {
    const __m512 product =
        _mm512_mul_ps(_mm512_load_ps(in.a[k]), _mm512_set1_ps(in.b[k / 8][n][k % 8]));
    sum = _mm512_add_epi32(sum, _mm512_cvttps_epi32(_mm512_mul_ps(product, scale)));
  }
  const __m512i addend = _mm512_cvttps_epi32(_mm512_mul_ps(c, scale));
  const __m512i total = _mm512_add_epi32(sum, addend);
  __m512 result =
      _mm512_mul_ps(_mm512_cvt_roundepi32_ps(total, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC), unit);

  irregular.exponent = _mm512_max_epi32(irregular.exponent, exponent);
  if constexpr (block * (1LL << (fraction_bits + 2)) + (1LL << (fraction_bits + 1)) >= 1LL << 31) {
    // (total ^ sum) & (total ^ addend): both have the other sign.
    irregular.overflow =
        _mm512_or_si512(irregular.overflow, _mm512_ternarylogic_epi32(total, sum, addend, 0x18));
  }
  const __mmask16 at_low = _mm512_cmpeq_epi32_mask(exponent, low);
  if (at_low != 0) [[unlikely]] {
    // No product and a small c: the sum is c itself, but for -0, whose sign the products decide.
    const auto kept = static_cast<__mmask16>(
        at_low & none & _mm512_cmpneq_epi32_mask(bits, _mm512_set1_epi32(INT32_MIN)));
    result = _mm512_mask_mov_ps(result, kept, c);
    irregular.lanes |= static_cast<unsigned>(at_low) & ~static_cast<unsigned>(kept);
  }
  return result;
}

/// All columns, one block after the other; true when some lane is not to be trusted.
template <MmaFormat format, int block, int fraction_bits>
inline bool all_columns(const MmaValues& in, const MmaCodes<format>& code, float (*sum)[16]) {
  Irregular irregular = {_mm512_setzero_si512(), _mm512_setzero_si512(), 0};
  for (int n = 0; n < 8; ++n) {
    __m512 c = _mm512_load_ps(sum[n]);
    c = block_column<format, block, fraction_bits, 0>(in, code, n, c, irregular);
    if constexpr (block == 8) {
      c = block_column<format, block, fraction_bits, 8>(in, code, n, c, irregular);
    }
    if constexpr (block == 4) {
      c = block_column<format, block, fraction_bits, 4>(in, code, n, c, irregular);
      c = block_column<format, block, fraction_bits, 8>(in, code, n, c, irregular);
      c = block_column<format, block, fraction_bits, 12>(in, code, n, c, irregular);
    }
    _mm512_store_ps(sum[n], c);
  }
  const __mmask16 high =
      _mm512_cmpgt_epi32_mask(irregular.exponent, _mm512_set1_epi32(kHigh << 23));
  return (irregular.lanes | high | _mm512_movepi32_mask(irregular.overflow)) != 0;
}

/// False, and d is as it was, when some output is irregular. Its own function, so that no
/// instruction moves past the changes of MXCSR around the call.
template <MmaFormat format, int block, int fraction_bits>
[[gnu::noinline]] bool run(std::uint32_t* const d[4],
                           const std::uint32_t* const a[4],
                           const std::uint32_t* const b[2],
                           const std::uint32_t* const c[4]) {
  MmaValues values;
  MmaCodes<format> code;
  __m512i pair[8];
  pairs_of_a(a, pair);
  widen_a<format>(pair, values);
  widen_b<format>(b, values);
  columns_of_c(c, values.sum);
  const bool is_special = codes_of_a<format>(pair, code) | codes_of_b<format>(b, code);
  if (is_special) [[unlikely]] {
    return false;
  }
  if (all_columns<format, block, fraction_bits>(*forgotten(&values), *forgotten(&code), values.sum))
      [[unlikely]] {
    return false;
  }
  store_d(values.sum, d);
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
