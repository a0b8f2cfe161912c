// GEMM in f16 and bf16 on tensor cores, with scale, bias, mask and split behind it.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(m / 64), ceil(n / 64), batch * heads), 128 threads. An entry per element type and
//        pair of transpositions: _nt has A as [m, k] and B as [n, k]. GEMM_NT_ALONE selects those.
#include "kernels/gemm_mma.cuh"

template <class Element, bool kTransposeA, bool kTransposeB>
__device__ __forceinline__ void gemm(const GemmParams& p) {
  __shared__ __align__(128) unsigned char stages[gemm_mma::kSharedBytes];
  const int matrix = static_cast<int>(blockIdx.z);
  const gemm_mma::TileAt at = {matrix / p.heads,
                               matrix % p.heads,
                               static_cast<int>(blockIdx.x) * gemm_mma::kTileM,
                               static_cast<int>(blockIdx.y) * gemm_mma::kTileN};
  gemm_mma::compute_tile<Element, kTransposeA, kTransposeB>(
      p, at, static_cast<unsigned>(__cvta_generic_to_shared(stages)));
}

#define GEMM_ENTRY(name, element, transpose_a, transpose_b)        \
  extern "C" __global__ void __launch_bounds__(gemm_mma::kThreads) \
      gemm_mma_##name(const GemmParams parameters) {               \
    gemm<gemm_mma::element, transpose_a, transpose_b>(parameters); \
  }

GEMM_ENTRY(f16_nt, Half, false, true)
GEMM_ENTRY(bf16_nt, Bfloat16, false, true)
#ifndef GEMM_NT_ALONE
GEMM_ENTRY(f16_nn, Half, false, false)
GEMM_ENTRY(f16_tn, Half, true, false)
GEMM_ENTRY(f16_tt, Half, true, true)
GEMM_ENTRY(bf16_nn, Bfloat16, false, false)
GEMM_ENTRY(bf16_tn, Bfloat16, true, false)
GEMM_ENTRY(bf16_tt, Bfloat16, true, true)
#endif
