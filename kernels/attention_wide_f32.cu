// Fused attention in f32 on the CUDA cores for heads of up to 1024: any multiple of 8.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(seq_q / 16), heads_q, batch), 128 threads; dynamic shared memory as the .cuh lays it
//        out. An entry is for head_dim up to the size in its name.
// Takes  any strides; pointers aligned to 4 bytes.
#include "kernels/attention_wide_f32.cuh"

extern __shared__ __align__(128) float4 attention_wide_f32_shared[];

namespace attention_wide_f32 {

template <int kSlabs>
__device__ __forceinline__ void attention(const AttentionParams& p) {
  const RowsAt at = {static_cast<int>(blockIdx.z),
                     static_cast<int>(blockIdx.y),
                     static_cast<int>(blockIdx.x) * kRows};
  Rows<kSlabs>::attend(
      p, at, static_cast<unsigned>(__cvta_generic_to_shared(attention_wide_f32_shared)));
}

}  // namespace attention_wide_f32

#define ATTENTION_ENTRY(head_dim, slabs)                                        \
  extern "C" __global__ void __launch_bounds__(attention_wide_f32::kThreads, 2) \
      attention_wide_f32_d##head_dim(const AttentionParams parameters) {        \
    attention_wide_f32::attention<slabs>(parameters);                           \
  }

ATTENTION_ENTRY(256, 2)
ATTENTION_ENTRY(1024, 8)
