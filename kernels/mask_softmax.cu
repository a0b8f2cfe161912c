// Softmax over the columns, alone or behind a scale and a mask, in f32, f16 and bf16.
// SPDX-License-Identifier: Apache-2.0
//
// Block  a power of two of threads, 128 to 512. Rows of at most 1024 columns have a warp each, four
//        to a block of 128; longer ones have the block. Of up to 32 columns a thread, a row is read
//        once and stays in registers; a longer one is read three times.
// Rows   a row of nothing but -inf becomes 0.
#include "kernels/element_access.cuh"
#include "kernels/operation_abi.h"

namespace mask_softmax {

constexpr int kMaxThreads = 512;
constexpr int kQuads = 8;  // groups of four columns that a thread keeps
constexpr int kWarpColumns = 32 * 4 * kQuads;
constexpr float kLog2E = 1.44269504088896340736f;
constexpr unsigned kAllLanes = 0xffffffffu;

__device__ __forceinline__ float negative_infinity() {
  return __int_as_float(0xff800000);
}

__device__ __forceinline__ float exp_of(float x) {
  float y;
  asm("ex2.approx.f32 %0, %1;" : "=f"(y) : "f"(x * kLog2E));
  return y;
}

struct Max {
  __device__ __forceinline__ static float neutral() { return negative_infinity(); }
  __device__ __forceinline__ static float of(float a, float b) { return fmaxf(a, b); }
};

struct Sum {
  __device__ __forceinline__ static float neutral() { return 0.0f; }
  __device__ __forceinline__ static float of(float a, float b) { return a + b; }
};

template <class Fold>
__device__ __forceinline__ float fold_warp(float x) {
#pragma unroll
  for (int other = 16; other > 0; other /= 2)
    x = Fold::of(x, __shfl_xor_sync(kAllLanes, x, other));
  return x;
}

/// Over the threads of a row: a warp, or the block. `partial` is used once.
template <class Fold>
__device__ __forceinline__ float fold_row(float x, bool is_warp, float (&partial)[16]) {
  x = fold_warp<Fold>(x);
  if (is_warp) return x;
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = x;
  __syncthreads();
  const bool has_part = threadIdx.x % 32 < blockDim.x / 32;
  return fold_warp<Fold>(has_part ? partial[threadIdx.x % 32] : Fold::neutral());
}

/// A row of scores, and where its softmax goes.
template <class Element, bool kMasked>
struct Row {
  using Of = Element;
  using Bits = typename Element::Bits;
  const Bits* s;
  const unsigned char* mask;
  Bits* p;
  int n;
  float scale;
  float fill;

  __device__ __forceinline__ Row(const MaskSoftmaxParams& params, int row)
      : s(static_cast<const Bits*>(params.s) + static_cast<long long>(row) * params.n),
        mask(nullptr),
        p(static_cast<Bits*>(params.p) + static_cast<long long>(row) * params.n),
        n(params.n),
        scale(params.scale),
        fill(params.fill) {
    if (!kMasked || !params.mask) return;
    const int batch = row / params.m / params.heads;
    mask = params.mask + (static_cast<long long>(batch) * params.m + row % params.m) * params.n;
  }

  __device__ __forceinline__ float score(Bits bits, unsigned char keep) const {
    const float x = Element::widen(bits);
    if (!kMasked) return x;
    return keep != 0 ? x * scale : fill;
  }

  __device__ __forceinline__ float score_at(int column) const {
    return score(s[column], kMasked && mask ? mask[column] : 1);
  }

  /// Four neighbours can be loaded and stored at once, and are in the row together.
  __device__ __forceinline__ bool is_wide() const {
    return n % 4 == 0 && element::is_aligned<Bits, 4>(s) && element::is_aligned<Bits, 4>(p) &&
           (!kMasked || element::is_aligned<unsigned char, 4>(mask));
  }

  /// Four columns, `step` apart; those outside of the row are -inf.
  template <bool kWide>
  __device__ __forceinline__ void load(int column, int step, float (&x)[4]) const {
#pragma unroll
    for (int i = 0; i < 4; ++i)
      x[i] = negative_infinity();
    if constexpr (kWide) {
      if (column >= n) return;
      const auto bits = element::load_wide<Bits, 4>(s + column);
      element::Pack<unsigned char, 4> keep = {{1, 1, 1, 1}};
      if (kMasked && mask) keep = element::load_wide<unsigned char, 4>(mask + column);
#pragma unroll
      for (int i = 0; i < 4; ++i)
        x[i] = score(bits.of[i], keep.of[i]);
    } else {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        if (column + i * step >= n) return;
        x[i] = score_at(column + i * step);
      }
    }
  }

  template <bool kWide>
  __device__ __forceinline__ void store(int column,
                                        int step,
                                        const float (&x)[4],
                                        float factor) const {
    if constexpr (kWide) {
      if (column >= n) return;
      const float y[4] = {x[0] * factor, x[1] * factor, x[2] * factor, x[3] * factor};
      element::store_wide<Element>(p + column, y);
    } else {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        if (column + i * step >= n) return;
        p[column + i * step] = Element::narrow(x[i] * factor);
      }
    }
  }
};

/// What the maximum of a row subtracts, and the factor behind its exponentials' sum.
__device__ __forceinline__ float finite(float max) {
  return max == negative_infinity() ? 0.0f : max;
}

__device__ __forceinline__ float inverse(float sum) {
  return sum == 0.0f ? 0.0f : 1.0f / sum;
}

struct Partials {
  float max[16];
  float sum[16];
};

/// A row that stays in registers. kWide: a thread has four neighbours of every 4 * `threads`
/// columns, else every `threads`-th.
template <bool kWide, class AnyRow>
__device__ __forceinline__ void softmax_kept(const AnyRow& row, int threads, Partials& partials) {
  const bool is_warp = threads == 32;
  const int thread = static_cast<int>(threadIdx.x) & (threads - 1);
  const int first = kWide ? 4 * thread : thread;
  const int step = kWide ? 1 : threads;
  float x[kQuads][4];
  float max = negative_infinity();
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    if (4 * q * threads >= row.n) break;
    row.template load<kWide>(4 * q * threads + first, step, x[q]);
    max = fmaxf(max, fmaxf(fmaxf(x[q][0], x[q][1]), fmaxf(x[q][2], x[q][3])));
  }
  max = finite(fold_row<Max>(max, is_warp, partials.max));
  float sum = 0.0f;
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    if (4 * q * threads >= row.n) break;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      x[q][i] = exp_of(x[q][i] - max);
      sum += x[q][i];
    }
  }
  const float factor = inverse(fold_row<Sum>(sum, is_warp, partials.sum));
#pragma unroll
  for (int q = 0; q < kQuads; ++q) {
    if (4 * q * threads >= row.n) break;
    row.template store<kWide>(4 * q * threads + first, step, x[q], factor);
  }
}

/// A row of any length, read three times by the block.
template <class AnyRow>
__device__ __forceinline__ void softmax_read_thrice(const AnyRow& row, Partials& partials) {
  const int thread = static_cast<int>(threadIdx.x);
  const int threads = static_cast<int>(blockDim.x);
  float max = negative_infinity();
#pragma unroll 1
  for (int j = thread; j < row.n; j += threads)
    max = fmaxf(max, row.score_at(j));
  max = finite(fold_row<Max>(max, false, partials.max));
  float sum = 0.0f;
#pragma unroll 1
  for (int j = thread; j < row.n; j += threads)
    sum += exp_of(row.score_at(j) - max);
  const float factor = inverse(fold_row<Sum>(sum, false, partials.sum));
#pragma unroll 1
  for (int j = thread; j < row.n; j += threads) {
    using Element = typename AnyRow::Of;
    row.p[j] = Element::narrow(exp_of(row.score_at(j) - max) * factor);
  }
}

template <class Element, bool kMasked>
__device__ __forceinline__ void softmax(const MaskSoftmaxParams& params) {
  __shared__ Partials partials;
  const int threads = params.n <= kWarpColumns ? 32 : static_cast<int>(blockDim.x);
  const int at = static_cast<int>(threads == 32 ? blockIdx.x * 4 + threadIdx.x / 32 : blockIdx.x);
  if (at >= params.rows) return;
  const Row<Element, kMasked> row(params, at);
  if (row.n > threads * 4 * kQuads) {
    softmax_read_thrice(row, partials);
  } else if (row.is_wide()) {
    softmax_kept<true>(row, threads, partials);
  } else {
    softmax_kept<false>(row, threads, partials);
  }
}

}  // namespace mask_softmax

#define SOFTMAX_ENTRIES(name, type)                                       \
  extern "C" __global__ void __launch_bounds__(mask_softmax::kMaxThreads) \
      softmax_##name(const MaskSoftmaxParams parameters) {                \
    mask_softmax::softmax<element::type, false>(parameters);              \
  }                                                                       \
  extern "C" __global__ void __launch_bounds__(mask_softmax::kMaxThreads) \
      mask_softmax_##name(const MaskSoftmaxParams parameters) {           \
    mask_softmax::softmax<element::type, true>(parameters);               \
  }

SOFTMAX_ENTRIES(f32, Float)
SOFTMAX_ENTRIES(f16, Half)
SOFTMAX_ENTRIES(bf16, Bfloat16)
