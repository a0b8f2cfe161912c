// The elementwise steps of an unfused layer, an entry for each: scale, equals_zero, masked_fill.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(count / elements of a block), batch * heads), 128 threads; a thread has 16 bytes of
//        neighbours. masked_fill has one mask for all heads of a batch.
#include "kernels/element_access.cuh"
#include "kernels/operation_abi.h"

namespace elementwise {

constexpr int kThreads = 128;

/// This thread's elements: of which matrix, from where on, and how many are left from there.
template <int kCount>
struct Mine {
  int matrix;
  long long first;
  int inside;

  __device__ __forceinline__ explicit Mine(const ElementwiseParams& p)
      : matrix(static_cast<int>(blockIdx.y)),
        first((blockIdx.x * static_cast<long long>(kThreads) + threadIdx.x) * kCount),
        inside(static_cast<int>(min(p.count - first, static_cast<long long>(kCount)))) {}
};

template <class Element>
__device__ __forceinline__ void scale(const ElementwiseParams& p) {
  using Bits = typename Element::Bits;
  constexpr int kCount = 16 / sizeof(Bits);
  const Mine<kCount> mine(p);
  if (mine.inside <= 0) return;
  const long long at = mine.matrix * p.count + mine.first;
  const auto x = element::load<Bits, kCount>(static_cast<const Bits*>(p.x) + at, mine.inside);
  float y[kCount];
#pragma unroll
  for (int i = 0; i < kCount; ++i)
    y[i] = p.alpha * Element::widen(x.of[i]);
  element::store_rounded<Element>(static_cast<Bits*>(p.y) + at, mine.inside, y);
}

__device__ __forceinline__ void equals_zero(const ElementwiseParams& p) {
  constexpr int kCount = 16;
  const Mine<kCount> mine(p);
  if (mine.inside <= 0) return;
  const long long at = mine.matrix * p.count + mine.first;
  auto keep = element::load<unsigned char, kCount>(p.mask + at, mine.inside);
#pragma unroll
  for (int i = 0; i < kCount; ++i)
    keep.of[i] = keep.of[i] == 0 ? 1 : 0;
  element::store<unsigned char, kCount>(static_cast<unsigned char*>(p.y) + at, mine.inside, keep);
}

template <class Element>
__device__ __forceinline__ void masked_fill(const ElementwiseParams& p) {
  using Bits = typename Element::Bits;
  constexpr int kCount = 16 / sizeof(Bits);
  const Mine<kCount> mine(p);
  if (mine.inside <= 0) return;
  const long long at = mine.matrix * p.count + mine.first;
  const int batch = mine.matrix / p.heads;
  const long long mask_at = batch * p.count + mine.first;
  auto x = element::load<Bits, kCount>(static_cast<const Bits*>(p.x) + at, mine.inside);
  const auto is_filled = element::load<unsigned char, kCount>(p.mask + mask_at, mine.inside);
  const Bits fill = Element::narrow(p.alpha);
#pragma unroll
  for (int i = 0; i < kCount; ++i)
    x.of[i] = is_filled.of[i] != 0 ? fill : x.of[i];
  element::store<Bits, kCount>(static_cast<Bits*>(p.y) + at, mine.inside, x);
}

}  // namespace elementwise

#define ELEMENTWISE_ENTRIES(name, type)                               \
  extern "C" __global__ void __launch_bounds__(elementwise::kThreads) \
      scale_##name(const ElementwiseParams parameters) {              \
    elementwise::scale<element::type>(parameters);                    \
  }                                                                   \
  extern "C" __global__ void __launch_bounds__(elementwise::kThreads) \
      masked_fill_##name(const ElementwiseParams parameters) {        \
    elementwise::masked_fill<element::type>(parameters);              \
  }

ELEMENTWISE_ENTRIES(f32, Float)
ELEMENTWISE_ENTRIES(f16, Half)
ELEMENTWISE_ENTRIES(bf16, Bfloat16)

extern "C" __global__ void __launch_bounds__(elementwise::kThreads)
    equals_zero(const ElementwiseParams parameters) {
  elementwise::equals_zero(parameters);
}
