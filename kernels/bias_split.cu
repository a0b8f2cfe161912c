// A bias added to every row, the sums as one to three tensors of neighbouring columns.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(m / 8), ceil(n / columns of a block)), 128 threads; a thread has 16 bytes of
//        neighbouring columns in each of 8 rows.
#include "kernels/element_access.cuh"
#include "kernels/operation_abi.h"

namespace bias_split {

constexpr int kThreads = 128;
constexpr int kRows = 8;

/// Where column `column` of a row goes, and how many columns follow in the same tensor, itself
/// counted.
template <class Bits>
struct Part {
  Bits* y;
  int inside;

  __device__ __forceinline__ Part(const BiasSplitParams& p, int column) {
    const int width = p.split_columns;
    void* const tensor = column < width ? p.y : column < 2 * width ? p.y1 : p.y2;
    const int begin = column < width ? 0 : column < 2 * width ? width : 2 * width;
    y = static_cast<Bits*>(tensor) + (column - begin);
    inside = begin + width - column;
  }
};

template <class Element>
__device__ __forceinline__ void add(const BiasSplitParams& p) {
  using Bits = typename Element::Bits;
  constexpr int kColumns = 16 / sizeof(Bits);
  const int column = static_cast<int>((blockIdx.y * kThreads + threadIdx.x) * kColumns);
  const int inside = p.n - column;
  if (inside <= 0) return;
  const int first_row = static_cast<int>(blockIdx.x) * kRows;
  const int rows = min(kRows, p.m - first_row);
  const auto bias =
      element::load<Bits, kColumns>(static_cast<const Bits*>(p.bias) + column, inside);
  const Bits* x = static_cast<const Bits*>(p.x) + static_cast<long long>(first_row) * p.n + column;
  const Part<Bits> part(p, column);
  long long offset = static_cast<long long>(first_row) * p.split_columns;
#pragma unroll 1
  for (int i = 0; i < rows; ++i) {
    const auto bits = element::load<Bits, kColumns>(x, inside);
    float sum[kColumns];
#pragma unroll
    for (int j = 0; j < kColumns; ++j)
      sum[j] = Element::widen(bits.of[j]) + Element::widen(bias.of[j]);
    if (part.inside >= kColumns) {
      element::store_rounded<Element>(part.y + offset, kColumns, sum);
    } else {
#pragma unroll
      for (int j = 0; j < kColumns; ++j) {
        if (j < inside) Part<Bits>(p, column + j).y[offset] = Element::narrow(sum[j]);
      }
    }
    x += p.n;
    offset += p.split_columns;
  }
}

}  // namespace bias_split

#define BIAS_SPLIT_ENTRY(name, type)                                 \
  extern "C" __global__ void __launch_bounds__(bias_split::kThreads) \
      bias_split_##name(const BiasSplitParams parameters) {          \
    bias_split::add<element::type>(parameters);                      \
  }

BIAS_SPLIT_ENTRY(f32, Float)
BIAS_SPLIT_ENTRY(f16, Half)
BIAS_SPLIT_ENTRY(bf16, Bfloat16)
