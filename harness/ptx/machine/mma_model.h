// Tensor-core arithmetic of a named GPU, bit for bit: truncated fused dot-product-add.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest::ptx {

/// Element format of A and B.
enum class MmaFormat : std::uint8_t { f16, bf16 };

/// Constants of one architecture's datapath (block length, fraction bits, exponent of a zero term).
struct MmaModel {
  int block = 8;           // L: products summed in one step
  int fraction_bits = 24;  // F
  int zero_exponent = -132;
};

/// sm_75, 80, 86, 89: {8, 24, -132}. sm_90, 100, 120: {16, 25, -133}. sm_70: {4, 23, -131}.
/// Null for an unknown architecture.
[[nodiscard]] const MmaModel* mma_model(int sm);

/// mma.sync.aligned.m16n8k16.row.col.f32.{f16|bf16}.{f16|bf16}.f32 on 32-lane fragment registers.
/// Shapes  a: 4 registers, b: 2, c and d: 4; each register is 32 lanes of 32 bits, 32-byte aligned.
///         d may alias c, a or b.
/// Returns how many of the 128 outputs left the fast form: 0 on ordinary data, some or all for Inf,
///         NaN, sums near overflow or near the smallest normal; all 128 for a model that is not in
///         the table, or without vectors (ATTEST_SIMD=scalar). The bits do not depend on it. MXCSR
///         is left as found.
/// Source  the model: Khattak and Mikaitis, arXiv 2512.07004; Xie et al., arXiv 2511.10909.
int mma_m16n8k16(MmaFormat format,
                 const MmaModel& model,
                 std::uint32_t* const d[4],
                 const std::uint32_t* const a[4],
                 const std::uint32_t* const b[2],
                 const std::uint32_t* const c[4]);

/// The same instruction as chains of f32 fma, each rounded to nearest, in ascending k from c.
void mma_m16n8k16_fast(MmaFormat format,
                       std::uint32_t* const d[4],
                       const std::uint32_t* const a[4],
                       const std::uint32_t* const b[2],
                       const std::uint32_t* const c[4]);

/// One output of the model in exact integers, `length` products (a multiple of the block, or less
/// than one block): the specification that the fast path is held to.
[[nodiscard]] std::uint32_t mma_dot_exact(MmaFormat format,
                                          const MmaModel& model,
                                          const std::uint16_t* a,
                                          const std::uint16_t* b,
                                          int length,
                                          std::uint32_t c);

}  // namespace attest::ptx
