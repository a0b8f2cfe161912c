// mma.m16n8k16 as chains of f32 fma on AVX-512.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_avx512_fast.h"

#include "harness/ptx/machine/mma_avx512.h"

namespace attest::ptx {

void mma_fast_avx512(MmaFormat format,
                     std::uint32_t* const d[4],
                     const std::uint32_t* const a[4],
                     const std::uint32_t* const b[2],
                     const std::uint32_t* const c[4]) {
  if (format == MmaFormat::f16) {
    multiply_columns<MmaFormat::f16>(columns_of_a<MmaFormat::f16>(a), d, b, c);
  } else {
    multiply_columns<MmaFormat::bf16>(columns_of_a<MmaFormat::bf16>(a), d, b, c);
  }
}

}  // namespace attest::ptx
