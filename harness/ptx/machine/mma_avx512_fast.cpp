// mma.m16n8k16 as chains of f32 fma on AVX-512.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512.h"
#include "harness/ptx/machine/mma_avx512_operands.h"

namespace attest::ptx {
namespace {

template <MmaFormat format>
inline void run(std::uint32_t* const d[4],
                const std::uint32_t* const a[4],
                const std::uint32_t* const b[2],
                const std::uint32_t* const c[4]) {
  MmaValues values;
  __m512i pair[8];
  pairs_of_a(a, pair);
  widen_a<format>(pair, values);
  widen_b<format>(b, values);
  columns_of_c(c, values.sum);
  const MmaValues& in = *forgotten(&values);
  __m512 sum[8];
  for (int n = 0; n < 8; ++n)
    sum[n] = _mm512_load_ps(values.sum[n]);
#pragma GCC unroll 16
  for (int k = 0; k < 16; ++k) {
    const __m512 column = _mm512_load_ps(in.a[k]);
#pragma GCC unroll 8
    for (int n = 0; n < 8; ++n)
      sum[n] = _mm512_fmadd_ps(column, _mm512_set1_ps(in.b[k / 8][n][k % 8]), sum[n]);
  }
  const __m512 nan = _mm512_castsi512_ps(_mm512_set1_epi32(0x7fffffff));
  for (int n = 0; n < 8; ++n) {
    const __mmask16 is_nan = _mm512_cmp_ps_mask(sum[n], sum[n], _CMP_UNORD_Q);
    _mm512_store_ps(values.sum[n], _mm512_mask_mov_ps(sum[n], is_nan, nan));
  }
  store_d(values.sum, d);
}

}  // namespace

void mma_fast_avx512(MmaFormat format,
                     std::uint32_t* const d[4],
                     const std::uint32_t* const a[4],
                     const std::uint32_t* const b[2],
                     const std::uint32_t* const c[4]) {
  if (format == MmaFormat::f16) {
    run<MmaFormat::f16>(d, a, b, c);
  } else {
    run<MmaFormat::bf16>(d, a, b, c);
  }
}

}  // namespace attest::ptx
