// What attention_f32 claims beyond what all attention kernels do, and its launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

namespace attest {

KernelSpec kernel_attention_f32();

namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

TEST(AttentionF32, TakesAnyStridesAndAnyAlignmentOfF32) {
  const KernelSpec kernel = kernel_attention_f32();
  EXPECT_EQ(kernel.refusal(problem("attn(sq=65,dtype=f32,gap(q=1,k=2,v=3,o=5),"
                                   "skew(q=4,k=8,v=12,o=20))")),
            std::nullopt);
  EXPECT_EQ(kernel.refusal(problem("attn(sq=65,dtype=f16)")), "dtype=f16");
  EXPECT_EQ(kernel.refusal(problem("attn(sq=65,dtype=bf16)")), "dtype=bf16");
  EXPECT_EQ(kernel.refusal(problem("attn(sq=65,d=48,dtype=f32)")), "d=48 (only 32, 64, 128)");
}

// 64 rows of Q and 32 of K, padded by 4 floats; 32 of V; P is 64 x 32, rows padded by 4.
TEST(AttentionF32, SharedMemoryHoldsItsFourTiles) {
  const KernelSpec kernel = kernel_attention_f32();
  const auto shared = [&kernel](const std::string& text) {
    return kernel.plan(kernel.image, problem(text)).front().dynamic_shared_bytes;
  };
  EXPECT_EQ(shared("attn(sq=1,d=32,dtype=f32)"), 27136);
  EXPECT_EQ(shared("attn(sq=1,d=64,dtype=f32)"), 43520);
  EXPECT_EQ(shared("attn(sq=1,d=128,dtype=f32)"), 76288);
}

TEST(AttentionF32, DeclaresChainsOfFma) {
  const KernelSpec kernel = kernel_attention_f32();
  const Arithmetic arithmetic = kernel.arithmetic(problem("attn(sq=1,dtype=f32)"));
  EXPECT_EQ(arithmetic.accumulate, Accumulate::fma_f32);
  EXPECT_EQ(arithmetic.probability, Dtype::f32);
  EXPECT_FALSE(arithmetic.sum_of_rounded_p);
  EXPECT_EQ(arithmetic.kv_tile, kernel.tile_kv);
  EXPECT_EQ(kernel.image.ptx.find("mma.sync"), std::string_view::npos);
}

}  // namespace
}  // namespace attest
