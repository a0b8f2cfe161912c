// The tensor-core model in f64 and int64 on AVX-512: any operands, and Inf and NaN beside the sums.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512.h"
#include "harness/ptx/machine/mma_avx512_operands.h"

#include <cfloat>

namespace attest::ptx {
namespace {

// Every product of f16 or bf16 is exact in f64, and so is its scaling to units; int64 holds the
// terms and their sum, f64 the sum again, and its conversion to f32 is the one rounding.

constexpr std::int32_t kNone = -20000;  // exponent of a zero: below every other, even when doubled

/// Exponents of the values, and the values themselves in f64 with 0 for an Inf or NaN.
struct alignas(64) WideOperands {
  double a[16][16];  // [k][m]
  double b[8][16];   // [n][k]
  std::int32_t a_exponent[16][16];
  std::int32_t b_exponent[8][16];
  float a_class[16][16];  // the Inf or NaN, else 0 or 1 with the sign
  float b_class[8][16];
  bool any_special = false;
};

struct Classified {
  __m512 finite;
  __m512 kind;
  __m512i exponent;
  __mmask16 special;
};

/// Sixteen values of a format whose subnormals have the exponent `least`.
inline Classified classify(__m512 value, int least) {
  const __m512i bits = _mm512_castps_si512(value);
  const __m512i size = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __m512i sign = _mm512_andnot_si512(_mm512_set1_epi32(0x7fffffff), bits);
  const __mmask16 is_zero = _mm512_testn_epi32_mask(size, size);
  const __mmask16 is_special = _mm512_cmpge_epi32_mask(size, _mm512_set1_epi32(0x7f800000));
  const __m512i exponent =
      _mm512_max_epi32(_mm512_sub_epi32(_mm512_srli_epi32(size, 23), _mm512_set1_epi32(127)),
                       _mm512_set1_epi32(least));
  const __m512i one =
      _mm512_maskz_or_epi32(static_cast<__mmask16>(~is_zero), sign, _mm512_set1_epi32(0x3f800000));
  Classified c;
  c.finite = _mm512_maskz_mov_ps(static_cast<__mmask16>(~is_special), value);
  c.kind = _mm512_castsi512_ps(
      _mm512_mask_mov_epi32(_mm512_mask_mov_epi32(one, is_zero, sign), is_special, bits));
  c.exponent = _mm512_mask_mov_epi32(
      exponent, static_cast<__mmask16>(is_zero | is_special), _mm512_set1_epi32(kNone));
  c.special = is_special;
  return c;
}

inline __m512d low_half(__m512 x) {
  return _mm512_cvtps_pd(_mm512_castps512_ps256(x));
}
inline __m512d high_half(__m512 x) {
  return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));
}

inline void store(const Classified& from, double* value, std::int32_t* exponent, float* kind) {
  _mm512_store_pd(value, low_half(from.finite));
  _mm512_store_pd(value + 8, high_half(from.finite));
  _mm512_store_si512(exponent, from.exponent);
  _mm512_store_ps(kind, from.kind);
}

inline void prepare(const MmaValues& from, int least, WideOperands& to) {
  unsigned special = 0;
  for (int k = 0; k < 16; ++k) {
    const Classified c = classify(_mm512_load_ps(from.a[k]), least);
    store(c, to.a[k], to.a_exponent[k], to.a_class[k]);
    special |= c.special;
  }
  for (int n = 0; n < 8; ++n) {
    const __m512 column = _mm512_insertf32x8(
        _mm512_castps256_ps512(_mm256_load_ps(from.b[0][n])), _mm256_load_ps(from.b[1][n]), 1);
    const Classified c = classify(column, least);
    store(c, to.b[n], to.b_exponent[n], to.b_class[n]);
    special |= c.special;
  }
  to.any_special = special != 0;
}

/// Eight lanes of one block: the truncated sum, and the AND of the products' bits.
inline __m512i sum_of_terms(const WideOperands& in,
                            int n,
                            int half,
                            int first,
                            int end,
                            __m512d c,
                            __m512d scale,
                            __m512i* all_bits) {
  __m512i sum = _mm512_cvttpd_epi64(_mm512_mul_pd(c, scale));
  __m512i bits = _mm512_castpd_si512(c);
  for (int k = first; k < end; ++k) {
    const __m512d product =
        _mm512_mul_pd(_mm512_load_pd(in.a[k] + 8 * half), _mm512_set1_pd(in.b[n][k]));
    sum = _mm512_add_epi64(sum, _mm512_cvttpd_epi64(_mm512_mul_pd(product, scale)));
    bits = _mm512_and_si512(bits, _mm512_castpd_si512(product));
  }
  *all_bits = bits;
  return sum;
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
  const __mmask8 is_over = _mm512_cmp_pd_mask(size, _mm512_set1_pd(0x1p128), _CMP_GE_OQ);
  const __m512d infinite =
      _mm512_or_pd(_mm512_set1_pd(__builtin_inf()), _mm512_and_pd(value, _mm512_set1_pd(-0.0)));
  return _mm512_cvt_roundpd_ps(_mm512_mask_mov_pd(value, is_over, infinite),
                               _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

/// One block of column n for finite operands; an Inf or NaN of `c` counts as 0.
inline __m512 block_column(
    const WideOperands& in, const MmaModel& model, int n, int first, int end, __m512 c) {
  const Classified addend = classify(c, -126);
  const __m512i exponent = block_exponent(in, model, n, first, end, addend.exponent);
  const __mmask16 is_empty = _mm512_cmplt_epi32_mask(exponent, _mm512_set1_epi32(kNone / 2));
  // Any unit will do where there is nothing to sum.
  const __m512i safe = _mm512_mask_mov_epi32(exponent, is_empty, _mm512_setzero_si512());
  __m256 result[2];
  for (int half = 0; half < 2; ++half) {
    const __m512i e = _mm512_cvtepi32_epi64(half == 0 ? _mm512_castsi512_si256(safe)
                                                      : _mm512_extracti64x4_epi64(safe, 1));
    const __m512i bias = _mm512_set1_epi64(1023);
    const __m512i fraction = _mm512_set1_epi64(model.fraction_bits);
    const __m512i up = _mm512_sub_epi64(fraction, e);
    const __m512d scale = _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_add_epi64(bias, up), 52));
    const __m512d unit = _mm512_castsi512_pd(_mm512_slli_epi64(_mm512_sub_epi64(bias, up), 52));
    __m512i all_bits;
    const __m512i sum = sum_of_terms(in,
                                     n,
                                     half,
                                     first,
                                     end,
                                     half == 0 ? low_half(addend.finite) : high_half(addend.finite),
                                     scale,
                                     &all_bits);
    // Of zeros only: -0 if every one is -0.
    const auto empty = static_cast<__mmask8>(is_empty >> (8 * half));
    const __m256 zero = _mm512_cvtpd_ps(
        _mm512_castsi512_pd(_mm512_and_si512(all_bits, _mm512_set1_epi64(INT64_MIN))));
    result[half] = _mm256_mask_mov_ps(narrow(sum, unit), empty, zero);
  }
  return _mm512_insertf32x8(_mm512_castps256_ps512(result[0]), result[1], 1);
}

/// `sum` and what the Inf and NaN of a block of column n add to it; finite where there are none.
inline __m512 special_sum(const WideOperands& in, int n, int first, int end, __m512 sum) {
  for (int k = first; k < end; ++k) {
    sum = _mm512_fmadd_ps(_mm512_load_ps(in.a_class[k]), _mm512_set1_ps(in.b_class[n][k]), sum);
  }
  return sum;
}

constexpr int kNotFinite = 0x99;  // of vfpclass: quiet and signalling NaN, both Inf
constexpr int kInfinite = 0x18;
constexpr int kNan = 0x81;

inline __m512 column(const WideOperands& in, const MmaModel& model, int n, __m512 c) {
  const Classified addend = classify(c, -126);
  const bool any_special = in.any_special || addend.special != 0;
  __m512 special = addend.kind;
  __m512 sum = addend.finite;
  for (int first = 0; first < 16; first += model.block) {
    const int end = first + model.block < 16 ? first + model.block : 16;
    if (any_special) special = special_sum(in, n, first, end, special);
    sum = block_column(in, model, n, first, end, sum);
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
  widen_a<format>(pair, values);
  widen_b<format>(b, values);
  columns_of_c(c, values.sum);
  prepare(values, format == MmaFormat::f16 ? -14 : -126, wide);
  for (int n = 0; n < 8; ++n) {
    _mm512_store_ps(values.sum[n],
                    column(*forgotten(&wide), model, n, _mm512_load_ps(values.sum[n])));
  }
  store_d(values.sum, d);
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
