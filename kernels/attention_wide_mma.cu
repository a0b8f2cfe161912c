// Fused attention in f16 and bf16 on tensor cores for heads of up to 1024: any multiple of 8.
// SPDX-License-Identifier: Apache-2.0
//
// Grid   (ceil(seq_q / rows), heads_q, batch), 128 threads; an entry has 64 rows for head_dim <=
//        256, 32 for <= 512, 16 for <= 1024. Dynamic shared memory as the .cuh
//        lays it out.
// Takes  row, head and batch strides, and pointers of q, k, v and o, that are multiples of 16
//        bytes.
#include "kernels/attention_wide_mma.cuh"

extern __shared__ __align__(128) uint4 attention_wide_mma_shared[];

namespace attention_wide_mma {

template <class Element, int kRowGroups, int kSlabs>
__device__ __forceinline__ void attention(const AttentionParams& p) {
  using Block = Rows<Element, kRowGroups, kSlabs>;
  const RowsAt at = {static_cast<int>(blockIdx.z),
                     static_cast<int>(blockIdx.y),
                     static_cast<int>(blockIdx.x) * Block::kRows};
  Block::attend(p, at, static_cast<unsigned>(__cvta_generic_to_shared(attention_wide_mma_shared)));
}

}  // namespace attention_wide_mma

#define ATTENTION_ENTRIES(head_dim, row_groups, slabs)                                          \
  extern "C" __global__ void __launch_bounds__(attention_wide_mma::kThreads)                    \
      attention_wide_mma_f16_d##head_dim(const AttentionParams parameters) {                    \
    attention_wide_mma::attention<attention_wide_mma::Half, row_groups, slabs>(parameters);     \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(attention_wide_mma::kThreads)                    \
      attention_wide_mma_bf16_d##head_dim(const AttentionParams parameters) {                   \
    attention_wide_mma::attention<attention_wide_mma::Bfloat16, row_groups, slabs>(parameters); \
  }

ATTENTION_ENTRIES(256, 4, 2)
ATTENTION_ENTRIES(512, 2, 4)
ATTENTION_ENTRIES(1024, 1, 8)
