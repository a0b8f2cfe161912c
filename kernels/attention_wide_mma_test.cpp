// What attention_wide_mma claims beyond what all attention kernels do, and its launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

namespace attest {

KernelSpec kernel_attention_wide_mma();

namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

TEST(AttentionWideMma, TakesEveryMultipleOf8AndRowsOf16Bytes) {
  const KernelSpec kernel = kernel_attention_wide_mma();
  const auto refusal = [&kernel](const std::string& text) {
    return kernel.refusal(problem(text)).value_or("taken");
  };
  for (int d = 8; d <= 1024; d += 8)
    EXPECT_EQ(refusal("attn(sq=65,d=" + std::to_string(d) + ")"), "taken");
  EXPECT_EQ(refusal("attn(sq=65,d=4)"), "d=4 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal("attn(sq=65,d=1032)"), "d=1032 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal("attn(sq=65,dtype=f32)"), "dtype=f32");
  EXPECT_EQ(refusal("attn(sq=65,gap(k=4))"), "row stride of k not a multiple of 16 bytes");
  EXPECT_EQ(refusal("attn(sq=65,skew(v=8))"), "base of v not a multiple of 16 bytes");
}

// Three slabs of 64 keys by 128 columns; P; 256 bytes of maxima; Q in slabs of 128 columns.
TEST(AttentionWideMma, RowsEntryAndSharedMemoryFollowTheHeadSize) {
  const KernelSpec kernel = kernel_attention_wide_mma();
  const auto launch = [&kernel](const std::string& text) {
    return kernel.plan(kernel.image, problem(text)).front();
  };
  EXPECT_EQ(launch("attn(sq=65,d=8)").entry, "attention_wide_mma_f16_d256");
  EXPECT_EQ(launch("attn(sq=65,d=8)").dynamic_shared_bytes, 49152 + 8192 + 256 + 16384);
  EXPECT_EQ(launch("attn(sq=65,d=256)").grid.x, 2u);
  EXPECT_EQ(launch("attn(sq=65,d=256)").dynamic_shared_bytes, 49152 + 8192 + 256 + 32768);
  EXPECT_EQ(launch("attn(sq=65,d=264,dtype=bf16)").entry, "attention_wide_mma_bf16_d512");
  EXPECT_EQ(launch("attn(sq=65,d=264)").grid.x, 3u);
  EXPECT_EQ(launch("attn(sq=65,d=264)").dynamic_shared_bytes, 49152 + 4096 + 256 + 24576);
  EXPECT_EQ(launch("attn(sq=65,d=520)").entry, "attention_wide_mma_f16_d1024");
  EXPECT_EQ(launch("attn(sq=65,d=1024)").grid.x, 5u);
  EXPECT_EQ(launch("attn(sq=65,d=1024)").dynamic_shared_bytes, 49152 + 2048 + 256 + 32768);
}

TEST(AttentionWideMma, DeclaresTensorCoresAndWhereItRounds) {
  const KernelSpec kernel = kernel_attention_wide_mma();
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    Problem p = problem("attn(sq=1)");
    p.dtype = dtype;
    const Arithmetic arithmetic = kernel.arithmetic(p);
    EXPECT_EQ(arithmetic.accumulate, Accumulate::tensor_core_f32);
    EXPECT_EQ(arithmetic.probability, dtype);
    EXPECT_FALSE(arithmetic.sum_of_rounded_p);
    EXPECT_EQ(arithmetic.kv_tile, kernel.tile_kv);
  }
}

}  // namespace
}  // namespace attest
