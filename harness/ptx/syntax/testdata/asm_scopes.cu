// Inline assembly with scopes of its own: names without %, upper-case predicates, block labels.
// SPDX-License-Identifier: Apache-2.0
#include <cuda_fp16.h>

__device__ void wait(unsigned barrier, unsigned parity) {
  asm volatile(
      "{\n"
      ".reg .pred P1;\n"
      "LAB_WAIT:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 P1, [%0], %1;\n"
      "@P1 bra DONE;\n"
      "bra LAB_WAIT;\n"
      "DONE:\n"
      "}" ::"r"(barrier),
      "r"(parity));
}

__global__ void __cluster_dims__(2, 1, 1) asm_scopes(unsigned* out, const __half2* in, int n) {
  __shared__ alignas(16) unsigned long long barriers[2];
  const unsigned barrier = static_cast<unsigned>(__cvta_generic_to_shared(barriers));
  wait(barrier, 0);
  wait(barrier + 8, 1);
  unsigned leader = 0;
  unsigned lane = 0;
  asm volatile(
      "{ .reg .pred p, q; .reg .b32 t<2>; .reg .b32 u; /* two */ elect.sync t1|p, 0xFFFFFFFFU;\n"
      "  mov.u32 u, 0b101; setp.ne.and.u32 q, %2, 017, !p;\n"
      "  @!p bra SKIP; mov.u32 %0, -1; SKIP: @q mov.u32 %1, u; }"
      : "=r"(leader), "=r"(lane)
      : "r"(n));
  unsigned d0 = 0, d1 = 0, d2 = 0, d3 = 0;
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, _, _}, {%2, %2, %3, %3}, "
      "{%4, %4}, {0f00000000, 0f3F800000, 0f00000000, 0f00000000};"
      : "=r"(d0), "=r"(d1)
      : "r"(lane), "r"(leader), "r"(n));
  asm volatile("{ .reg .b16 low, high; mov.b32 {low, high}, %1; mov.b32 %0, {7, high}; }"
               : "=r"(d2)
               : "r"(n));
  asm volatile("ld.global.nc.L1::no_allocate.L2::128B.v4.u32 {%0, _, _, _}, [%1+-16];"
               : "=r"(d3)
               : "l"(in));
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes"
      " [%0], [%1, {%2, %3}], [%0 + 8];" ::"r"(barrier),
      "l"(in),
      "r"(n),
      "r"(d3));
  const __half2 sum = __hfma2(in[0], in[1], __float2half2_rn(0.5f));
  out[threadIdx.x] =
      __shfl_xor_sync(~0u, d0 + d1 + d2 + d3, 1) + static_cast<unsigned>(__low2float(sum));
}
