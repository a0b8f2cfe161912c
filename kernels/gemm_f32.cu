// GEMM in f32 on the ordinary cores, with scale, bias, mask and split behind it.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(m / 64), ceil(n / 64), batch * heads), 128 threads. An entry per pair of
//        transpositions: _nt has A as [m, k] and B as [n, k]. GEMM_NT_ALONE
//        selects it.
#include "kernels/gemm_f32.cuh"

template <bool kTransposeA, bool kTransposeB>
__device__ __forceinline__ void gemm(const GemmParams& p) {
  __shared__ __align__(16) unsigned char stages[gemm_f32::kSharedBytes];
  const int matrix = static_cast<int>(blockIdx.z);
  const gemm_f32::TileAt at = {matrix / p.heads,
                               matrix % p.heads,
                               static_cast<int>(blockIdx.x) * gemm_f32::kTileM,
                               static_cast<int>(blockIdx.y) * gemm_f32::kTileN};
  gemm_f32::compute_tile<kTransposeA, kTransposeB>(
      p, at, static_cast<unsigned>(__cvta_generic_to_shared(stages)));
}

#define GEMM_ENTRY(name, transpose_a, transpose_b)                 \
  extern "C" __global__ void __launch_bounds__(gemm_f32::kThreads) \
      gemm_f32_##name(const GemmParams parameters) {               \
    gemm<transpose_a, transpose_b>(parameters);                    \
  }

GEMM_ENTRY(nt, false, true)
#ifndef GEMM_NT_ALONE
GEMM_ENTRY(nn, false, false)
GEMM_ENTRY(tn, true, false)
GEMM_ENTRY(tt, true, true)
#endif
