// The tensor-core model in f64 and int64 on AVX-512: any operands, and Inf and NaN beside the sums.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512.h"
#include "harness/ptx/machine/mma_avx512_operands.h"

#include <cfloat>

namespace attest::ptx {
namespace {

// Every product of f16 or bf16 is exact in f64, and so is its scaling to units; int64 holds the
// terms and their sum, f64 the sum again, and its conversion to f32 is the one rounding.

constexpr int kNotFinite = 0x99;  // of vfpclass: quiet and signalling NaN, both Inf
constexpr int kInfinite = 0x18;
constexpr int kNan = 0x81;
constexpr std::int32_t kNone = -20000;  // exponent of a zero: below every other, even when doubled

/// Exponents of the values, and the values themselves in f64 with 0 for an Inf or NaN.
struct alignas(64) WideOperands {
  double a[16][16];  // [k][m]
  double b[8][16];   // [n][k]
  std::int32_t a_exponent[16][16];
  std::int32_t b_exponent[8][16];
  float a_class[16][16];  // the Inf or NaN, else 0 or 1 with the sign; where any_special
  float b_class[8][16];
  bool any_special;
};

struct Finite {
  __m512 value;
  __m512i exponent;
  __mmask16 special;
};

/// Sixteen values of a format whose subnormals have the exponent `least`.
inline Finite finite(__m512 value, int least) {
  const __m512i bits = _mm512_castps_si512(value);
  const __m512i size = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __mmask16 is_zero = _mm512_testn_epi32_mask(size, size);
  const __mmask16 is_special = _mm512_cmpge_epi32_mask(size, _mm512_set1_epi32(0x7f800000));
  const __m512i exponent = _mm512_sub_epi32(_mm512_srli_epi32(size, 23), _mm512_set1_epi32(127));
  Finite to;
  to.value = _mm512_maskz_mov_ps(static_cast<__mmask16>(~is_special), value);
  to.exponent = _mm512_mask_max_epi32(_mm512_set1_epi32(kNone),
                                      static_cast<__mmask16>(~(is_zero | is_special)),
                                      exponent,
                                      _mm512_set1_epi32(least));
  to.special = is_special;
  return to;
}

/// Inf and NaN as they are, others as 0 or 1 with their sign.
inline __m512 class_of(__m512 value) {
  const __m512i bits = _mm512_castps_si512(value);
  const __m512i size = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __mmask16 is_special = _mm512_cmpge_epi32_mask(size, _mm512_set1_epi32(0x7f800000));
  const __m512i sign = _mm512_xor_si512(bits, size);
  const __m512i one = _mm512_mask_or_epi32(
      sign, _mm512_test_epi32_mask(size, size), sign, _mm512_set1_epi32(0x3f800000));
  return _mm512_castsi512_ps(_mm512_mask_mov_epi32(one, is_special, bits));
}

/// Eight lanes each.
struct WideLanes {
  __m512d half[2];
};

inline __m256i low_half(__m512i x) {
  return _mm512_castsi512_si256(x);
}
inline __m256i high_half(__m512i x) {
  return _mm512_extracti64x4_epi64(x, 1);
}

/// Exact. Conversions of subnormals are slow on some processors, those of integers are not.
inline WideLanes widen(__m512 x) {
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i size = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __mmask16 is_small = _mm512_cmplt_epi32_mask(size, _mm512_set1_epi32(1 << 23));
  const __m512 normal = _mm512_mask_mov_ps(x, is_small, _mm512_setzero_ps());
  WideLanes to = {{_mm512_cvtps_pd(_mm512_castps512_ps256(normal)),
                   _mm512_cvtps_pd(_mm512_extractf32x8_ps(normal, 1))}};
  if (is_small != 0) {
    const __m512i sign = _mm512_srai_epi32(bits, 31);
    const __m512i count = _mm512_sub_epi32(_mm512_xor_si512(size, sign), sign);
    const __m512d least = _mm512_set1_pd(0x1p-149);
    to.half[0] = _mm512_mask_mul_pd(
        to.half[0], static_cast<__mmask8>(is_small), _mm512_cvtepi32_pd(low_half(count)), least);
    to.half[1] = _mm512_mask_mul_pd(to.half[1],
                                    static_cast<__mmask8>(is_small >> 8),
                                    _mm512_cvtepi32_pd(high_half(count)),
                                    least);
  }
  return to;
}

inline __mmask16 prepare(__m512 values, int least, double* value, std::int32_t* exponent) {
  const Finite from = finite(values, least);
  const WideLanes wide = widen(from.value);
  _mm512_store_pd(value, wide.half[0]);
  _mm512_store_pd(value + 8, wide.half[1]);
  _mm512_store_si512(exponent, from.exponent);
  return from.special;
}

inline __m512 row_of_b(const MmaValues& from, int n) {
  return _mm512_insertf32x8(
      _mm512_castps256_ps512(_mm256_load_ps(from.b[0][n])), _mm256_load_ps(from.b[1][n]), 1);
}

inline void prepare(const MmaValues& from, int least, WideOperands& to) {
  int special = 0;
  for (int k = 0; k < 16; ++k)
    special |= prepare(_mm512_load_ps(from.a[k]), least, to.a[k], to.a_exponent[k]);
  for (int n = 0; n < 8; ++n)
    special |= prepare(row_of_b(from, n), least, to.b[n], to.b_exponent[n]);
  for (int n = 0; n < 8; ++n)
    special |= _mm512_fpclass_ps_mask(_mm512_load_ps(from.sum[n]), kNotFinite);
  to.any_special = special != 0;
  if (!to.any_special) return;
  for (int k = 0; k < 16; ++k)
    _mm512_store_ps(to.a_class[k], class_of(_mm512_load_ps(from.a[k])));
  for (int n = 0; n < 8; ++n)
    _mm512_store_ps(to.b_class[n], class_of(row_of_b(from, n)));
}

struct WideSums {
  __m512i half[2];
};

/// The terms of one block, truncated to units, and their sum.
inline WideSums sum_of_terms(
    const WideOperands& in, int n, int first, int end, const WideLanes& c, const WideLanes& scale) {
  WideSums sum;
  for (int h = 0; h < 2; ++h)
    sum.half[h] = _mm512_cvttpd_epi64(_mm512_mul_pd(c.half[h], scale.half[h]));
  for (int k = first; k < end; ++k) {
    const __m512d b = _mm512_set1_pd(in.b[n][k]);
    for (int h = 0; h < 2; ++h) {
      const __m512d product = _mm512_mul_pd(_mm512_load_pd(in.a[k] + 8 * h), b);
      sum.half[h] =
          _mm512_add_epi64(sum.half[h], _mm512_cvttpd_epi64(_mm512_mul_pd(product, scale.half[h])));
    }
  }
  return sum;
}

/// A sum of zeros: -0 where every one is -0.
inline __m512 sum_of_zeros(const MmaValues& in, int n, int first, int end, __m512 c) {
  __m512i all = _mm512_castps_si512(c);
  for (int k = first; k < end; ++k) {
    const __m512i b = _mm512_set1_epi32(static_cast<int>(bits_at(&in.b[k / 8][n][k % 8])));
    all = _mm512_and_si512(all, _mm512_xor_si512(load512(in.a[k]), b));
  }
  return _mm512_castsi512_ps(_mm512_and_si512(all, _mm512_set1_epi32(INT32_MIN)));
}

/// The exponent in whose units a block of column n is summed; kNone or less where every term is 0.
inline __m512i block_exponent(
    const WideOperands& in, const MmaModel& model, int n, int first, int end, __m512i of_c) {
  __m512i largest = of_c;
  __m512i least = of_c;
  for (int k = first; k < end; ++k) {
    const __m512i e = _mm512_add_epi32(_mm512_load_si512(in.a_exponent[k]),
                                       _mm512_set1_epi32(in.b_exponent[n][k]));
    largest = _mm512_max_epi32(largest, e);
    least = _mm512_min_epi32(least, e);
  }
  const __m512i bound = _mm512_set1_epi32(kNone / 2);
  const auto zero_counts = static_cast<__mmask16>(_mm512_cmplt_epi32_mask(least, bound) &
                                                  _mm512_cmpge_epi32_mask(largest, bound));
  return _mm512_mask_max_epi32(
      largest, zero_counts, largest, _mm512_set1_epi32(model.zero_exponent));
}

/// sum * unit in f32 toward zero, Inf beyond the largest finite value.
inline __m256 narrow(__m512i sum, __m512d unit) {
  const __m512d value = _mm512_mul_pd(_mm512_cvtepi64_pd(sum), unit);
  const __m512d size = _mm512_abs_pd(value);
  const __m512d sign = _mm512_xor_pd(value, size);
  const __mmask8 is_over = _mm512_cmp_pd_mask(size, _mm512_set1_pd(0x1p128), _CMP_GE_OQ);
  const __mmask8 is_small = _mm512_cmp_pd_mask(size, _mm512_set1_pd(0x1p-126), _CMP_LT_OQ);
  const __m512d infinite = _mm512_or_pd(_mm512_set1_pd(__builtin_inf()), sign);
  const __m512d limited = _mm512_mask_mov_pd(
      _mm512_mask_mov_pd(value, is_over, infinite), is_small, _mm512_setzero_pd());
  const __m256 result = _mm512_cvt_roundpd_ps(limited, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
  if (is_small == 0) return result;
  // In units of the least f32, as the bits of a subnormal are; see widen.
  const __m256i bits =
      _mm256_or_si256(_mm512_cvttpd_epi32(_mm512_mul_pd(size, _mm512_set1_pd(0x1p149))),
                      _mm512_cvtepi64_epi32(_mm512_srli_epi64(_mm512_castpd_si512(sign), 32)));
  return _mm256_mask_mov_ps(result, is_small, _mm256_castsi256_ps(bits));
}

/// One block of column n for finite operands; an Inf or NaN of `c` counts as 0.
inline __m512 block_column(const MmaValues& values,
                           const WideOperands& in,
                           const MmaModel& model,
                           int n,
                           int first,
                           int end,
                           __m512 c) {
  const Finite addend = finite(c, -126);
  const __m512i exponent = block_exponent(in, model, n, first, end, addend.exponent);
  const __mmask16 is_empty = _mm512_cmplt_epi32_mask(exponent, _mm512_set1_epi32(kNone / 2));
  // Any unit will do where there is nothing to sum.
  const __m512i safe = _mm512_mask_mov_epi32(exponent, is_empty, _mm512_setzero_si512());
  const __m512i bias = _mm512_set1_epi64(1023);
  WideLanes scale;
  WideLanes unit;
  for (int h = 0; h < 2; ++h) {
    const __m512i e = _mm512_cvtepi32_epi64(h == 0 ? low_half(safe) : high_half(safe));
    const __m512i up = _mm512_sub_epi64(_mm512_set1_epi64(model.fraction_bits), e);
    scale.half[h] = _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(bias, up), 52));
    unit.half[h] = _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_sub_epi64(bias, up), 52));
  }
  const WideSums sum = sum_of_terms(in, n, first, end, widen(addend.value), scale);
  const __m512 result =
      _mm512_insertf32x8(_mm512_castps256_ps512(narrow(sum.half[0], unit.half[0])),
                         narrow(sum.half[1], unit.half[1]),
                         1);
  if (is_empty == 0) return result;
  return _mm512_mask_mov_ps(result, is_empty, sum_of_zeros(values, n, first, end, addend.value));
}

/// `sum` and what the Inf and NaN of a block of column n add to it; finite where there are none.
inline __m512 special_sum(const WideOperands& in, int n, int first, int end, __m512 sum) {
  for (int k = first; k < end; ++k) {
    sum = _mm512_fmadd_ps(_mm512_load_ps(in.a_class[k]), _mm512_set1_ps(in.b_class[n][k]), sum);
  }
  return sum;
}

inline __m512 column(const MmaValues& values,
                     const WideOperands& in,
                     const MmaModel& model,
                     int n) {
  __m512 sum = _mm512_load_ps(values.sum[n]);
  __m512 special = class_of(sum);
  for (int first = 0; first < 16; first += model.block) {
    const int end = first + model.block < 16 ? first + model.block : 16;
    if (in.any_special) special = special_sum(in, n, first, end, special);
    sum = block_column(values, in, model, n, first, end, sum);
    // An overflow is an Inf for the blocks that follow, unless the block had an Inf or NaN anyway.
    const auto is_over = static_cast<__mmask16>(_mm512_fpclass_ps_mask(sum, kInfinite) &
                                                ~_mm512_fpclass_ps_mask(special, kNotFinite));
    special = _mm512_mask_mov_ps(special, is_over, sum);
  }
  const __mmask16 is_special = _mm512_fpclass_ps_mask(special, kNotFinite);
  sum = _mm512_mask_mov_ps(sum, is_special, special);
  return _mm512_mask_mov_ps(
      sum, _mm512_fpclass_ps_mask(sum, kNan), _mm512_castsi512_ps(_mm512_set1_epi32(0x7fffffff)));
}

/// Its own function, so that no instruction moves past the changes of MXCSR around the call.
template <MmaFormat format>
[[gnu::noinline]] void run(const MmaModel& model,
                           std::uint32_t* const d[4],
                           const std::uint32_t* const a[4],
                           const std::uint32_t* const b[2],
                           const std::uint32_t* const c[4]) {
  MmaValues values;
  WideOperands wide;
  __m512i pair[8];
  pairs_of_a(a, pair);
  load_values<format>(pair, b, c, values);
  prepare(values, format == MmaFormat::f16 ? -14 : -126, wide);
  for (int n = 0; n < 8; ++n) {
    _mm512_store_ps(values.sum[n], column(*forgotten(&values), *forgotten(&wide), model, n));
  }
  store_sums(values, d);
}

}  // namespace

void mma_exact_wide_avx512(MmaFormat format,
                           const MmaModel& model,
                           std::uint32_t* const d[4],
                           const std::uint32_t* const a[4],
                           const std::uint32_t* const b[2],
                           const std::uint32_t* const c[4]) {
  const MxcsrScope scope(kMxcsrDefault);
  if (format == MmaFormat::f16) {
    run<MmaFormat::f16>(model, d, a, b, c);
  } else {
    run<MmaFormat::bf16>(model, d, a, b, c);
  }
}

}  // namespace attest::ptx
