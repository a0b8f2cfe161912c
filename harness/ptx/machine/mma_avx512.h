// mma.m16n8k16 on AVX-512: the tensor-core model bit for bit, and chains of f32 fma.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/mma_model.h"

#include <cstdint>

namespace attest::ptx {

// Only for a processor of Simd::avx512. Arguments as mma_m16n8k16 (mma_kernels.h).

/// Int32 sums of products truncated in units of the largest exponent, sixteen outputs at a time;
/// all 128 outputs by mma_exact_wide_avx512 when one of them does not fit that form.
int mma_exact_avx512(MmaFormat format,
                     const MmaModel& model,
                     std::uint32_t* const d[4],
                     const std::uint32_t* const a[4],
                     const std::uint32_t* const b[2],
                     const std::uint32_t* const c[4]);

/// The same sums in f64 and int64: any operands, any model with up to 45 fraction bits.
void mma_exact_wide_avx512(MmaFormat format,
                           const MmaModel& model,
                           std::uint32_t* const d[4],
                           const std::uint32_t* const a[4],
                           const std::uint32_t* const b[2],
                           const std::uint32_t* const c[4]);

void mma_fast_avx512(MmaFormat format,
                     std::uint32_t* const d[4],
                     const std::uint32_t* const a[4],
                     const std::uint32_t* const b[2],
                     const std::uint32_t* const c[4]);

}  // namespace attest::ptx
