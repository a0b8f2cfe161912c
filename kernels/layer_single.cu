// A whole self-attention layer in one cooperative launch: q, k and v; attention; y.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   as many blocks as are resident at once, or fewer; 128 threads. Every block takes each
//        gridDim.x-th tile of a phase; the grid waits for itself between phases. Dynamic shared
//        memory of the largest phase.
// Takes  dim / heads a multiple of 8, up to the size in the entry's name; pointers of qkv and o at
//        multiples of 16 bytes, any others aligned to the element. ATTENTION_HEAD_DIM, up to 128,
//        selects the entries that take it.
#include "kernels/attention_wide_f32.cuh"
#include "kernels/attention_wide_mma.cuh"
#include "kernels/gemm_f32.cuh"
#include "kernels/gemm_mma.cuh"
#include "kernels/layer_abi.h"

#include <cooperative_groups.h>

extern __shared__ __align__(128) uint4 layer_single_shared[];

namespace layer_single {

constexpr int kThreads = 128;

/// f16 and bf16, on tensor cores.
template <class GemmElement, class AttentionElement, int kRowGroups, int kSlabs>
struct Mma {
  using Rows = attention_wide_mma::Rows<AttentionElement, kRowGroups, kSlabs>;
  using RowsAt = attention_wide_mma::RowsAt;
  using TileAt = gemm_mma::TileAt;
  static constexpr int kElementBytes = 2;
  static constexpr int kRows = Rows::kRows;
  static constexpr int kTileM = gemm_mma::kTileM;
  static constexpr int kTileN = gemm_mma::kTileN;
  static_assert(attention_wide_mma::kThreads == kThreads && gemm_mma::kThreads == kThreads);

  __device__ __forceinline__ static void multiply(const GemmParams& p,
                                                  const TileAt& at,
                                                  unsigned shared) {
    gemm_mma::compute_tile<GemmElement, false, true>(p, at, shared);
  }
};

/// f32, on the CUDA cores.
template <int kSlabs>
struct F32 {
  using Rows = attention_wide_f32::Rows<kSlabs>;
  using RowsAt = attention_wide_f32::RowsAt;
  using TileAt = gemm_f32::TileAt;
  static constexpr int kElementBytes = 4;
  static constexpr int kRows = attention_wide_f32::kRows;
  static constexpr int kTileM = gemm_f32::kTileM;
  static constexpr int kTileN = gemm_f32::kTileN;
  static_assert(attention_wide_f32::kThreads == kThreads && gemm_f32::kThreads == kThreads);

  __device__ __forceinline__ static void multiply(const GemmParams& p,
                                                  const TileAt& at,
                                                  unsigned shared) {
    gemm_f32::compute_tile<false, true>(p, at, shared);
  }
};

__device__ __forceinline__ int ceil_div(int a, int b) {
  return (a + b - 1) / b;
}

/// [batch * seq, dim] times the transpose of w [n, dim].
__device__ __forceinline__ GemmParams
linear(const LayerParams& p, const void* a, const void* w, const void* bias, int n) {
  GemmParams g = {};
  g.a = a;
  g.b = w;
  g.bias = bias;
  g.a_strides.row = g.b_strides.row = g.c_strides.row = p.dim;
  g.heads = 1;
  g.m = p.batch * p.seq;
  g.n = n;
  g.k = p.dim;
  g.split_columns = p.dim;
  g.alpha = 1.0f;
  return g;
}

template <class Math>
__device__ __forceinline__ void multiply_all(const GemmParams& g, unsigned shared) {
  const int columns = ceil_div(g.n, Math::kTileN);
  const int tiles = ceil_div(g.m, Math::kTileM) * columns;
#pragma unroll 1
  for (int tile = static_cast<int>(blockIdx.x); tile < tiles; tile += static_cast<int>(gridDim.x)) {
    const typename Math::TileAt at = {
        0, 0, tile / columns * Math::kTileM, tile % columns * Math::kTileN};
    Math::multiply(g, at, shared);
    __syncthreads();  // another tile may use the shared memory
  }
}

/// Where a part of qkv lies: 0, 1 or 2.
template <class Math>
__device__ __forceinline__ char* part(const LayerParams& p, int i) {
  const long long elements = static_cast<long long>(p.batch) * p.seq * p.dim;
  return static_cast<char*>(p.qkv) + i * elements * Math::kElementBytes;
}

template <class Math>
__device__ __forceinline__ void attend_all(const LayerParams& p, unsigned shared) {
  AttentionParams a = {};
  a.q = part<Math>(p, 0);
  a.k = part<Math>(p, 1);
  a.v = part<Math>(p, 2);
  a.o = p.o;
  a.keep = p.mask;
  a.head_dim = p.dim / p.heads;
  const AttentionStrides strides = {static_cast<long long>(p.seq) * p.dim, a.head_dim, p.dim};
  a.q_strides = a.k_strides = a.v_strides = a.o_strides = strides;
  a.heads_q = a.heads_kv = p.heads;
  a.seq_q = a.seq_kv = p.seq;
  a.scale = p.scale;
  a.fill = p.fill;
  a.mask = ATTENTION_BOOLEAN;
  const int row_tiles = ceil_div(p.seq, Math::kRows);
  const int tiles = row_tiles * p.heads * p.batch;
#pragma unroll 1
  for (int tile = static_cast<int>(blockIdx.x); tile < tiles; tile += static_cast<int>(gridDim.x)) {
    const int matrix = tile / row_tiles;
    const typename Math::RowsAt at = {
        matrix / p.heads, matrix % p.heads, tile % row_tiles * Math::kRows};
    Math::Rows::attend(a, at, shared);
    __syncthreads();
  }
}

template <class Math>
__device__ __forceinline__ void layer(const LayerParams& p) {
  const unsigned shared = static_cast<unsigned>(__cvta_generic_to_shared(layer_single_shared));
  const cooperative_groups::grid_group grid = cooperative_groups::this_grid();
  GemmParams qkv = linear(p, p.x, p.w_qkv, p.b_qkv, 3 * p.dim);
  qkv.c = part<Math>(p, 0);
  qkv.c1 = part<Math>(p, 1);
  qkv.c2 = part<Math>(p, 2);
  multiply_all<Math>(qkv, shared);
  grid.sync();
  attend_all<Math>(p, shared);
  grid.sync();
  GemmParams out = linear(p, p.o, p.w_out, p.b_out, p.dim);
  out.c = p.y;
  multiply_all<Math>(out, shared);
}

template <int kRowGroups, int kSlabs>
using Half = Mma<gemm_mma::Half, attention_wide_mma::Half, kRowGroups, kSlabs>;
template <int kRowGroups, int kSlabs>
using Bfloat16 = Mma<gemm_mma::Bfloat16, attention_wide_mma::Bfloat16, kRowGroups, kSlabs>;

}  // namespace layer_single

#define LAYER_ENTRY(name, ...)                                            \
  extern "C" __global__ void __launch_bounds__(layer_single::kThreads, 2) \
      layer_single_##name(const LayerParams parameters) {                 \
    layer_single::layer<layer_single::__VA_ARGS__>(parameters);           \
  }

LAYER_ENTRY(f16_d128, Half<4, 1>)
LAYER_ENTRY(bf16_d128, Bfloat16<4, 1>)
LAYER_ENTRY(f32_d256, F32<2>)
#ifndef ATTENTION_HEAD_DIM
LAYER_ENTRY(f16_d512, Half<2, 4>)
LAYER_ENTRY(f16_d1024, Half<1, 8>)
LAYER_ENTRY(bf16_d512, Bfloat16<2, 4>)
LAYER_ENTRY(bf16_d1024, Bfloat16<1, 8>)
LAYER_ENTRY(f32_d1024, F32<8>)
#elif ATTENTION_HEAD_DIM > 128
#error "ATTENTION_HEAD_DIM above 128"
#endif
