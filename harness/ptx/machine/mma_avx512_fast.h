// mma.m16n8k16 as chains of f32 fma on AVX-512, A apart from the rest: products often share it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_avx512_operands.h"

#include <cstdint>
#include <immintrin.h>

namespace attest::ptx {
namespace {  // NOLINT(cert-dcl59-cpp): as in mma_avx512_operands.h

/// A as columns of sixteen rows in f32.
struct ColumnsOfA {
  __m512 column[16];
};

template <MmaFormat format>
[[gnu::always_inline]] inline ColumnsOfA columns_of_a(const std::uint32_t* const a[4]) {
  __m512i pair[8];
  pairs_of_a(a, pair);
  ColumnsOfA out;
  widen_a<format>(pair, [&](int k, __m512 value) { out.column[k] = value; });
  return out;
}

/// D = A B + C in ascending k from C, each step rounded to nearest.
template <MmaFormat format>
[[gnu::always_inline]] inline void multiply_columns(const ColumnsOfA& a,
                                                    std::uint32_t* const d[4],
                                                    const std::uint32_t* const b[2],
                                                    const std::uint32_t* const c[4]) {
  alignas(64) float b_values[2][8][8];
  widen_b<format>(b, b_values);
  __m512 sum[8];
  columns_of_c(c, sum);
  const float* from = forgotten(&b_values[0][0][0]);
#pragma GCC unroll 16
  for (int k = 0; k < 16; ++k) {
#pragma GCC unroll 8
    for (int n = 0; n < 8; ++n) {
      const __m512 factor = _mm512_set1_ps(from[64 * (k / 8) + 8 * n + k % 8]);
      sum[n] = _mm512_fmadd_ps(a.column[k], factor, sum[n]);
    }
  }
  __mmask16 has_nan = 0;
#pragma GCC unroll 4
  for (int n = 0; n < 8; n += 2)
    has_nan |= _mm512_cmp_ps_mask(sum[n], sum[n + 1], _CMP_UNORD_Q);
  if (has_nan != 0) [[unlikely]] {
    const __m512 nan = _mm512_castsi512_ps(_mm512_set1_epi32(0x7fffffff));
#pragma GCC unroll 8
    for (int n = 0; n < 8; ++n)
      sum[n] = _mm512_mask_mov_ps(sum[n], _mm512_cmp_ps_mask(sum[n], sum[n], _CMP_UNORD_Q), nan);
  }
  store_d(sum, d);
}

}  // namespace
}  // namespace attest::ptx
