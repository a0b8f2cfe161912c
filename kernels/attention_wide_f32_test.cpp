// What attention_wide_f32 claims beyond what all attention kernels do, and its launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

namespace attest {

KernelSpec kernel_attention_wide_f32();

namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

TEST(AttentionWideF32, TakesEveryMultipleOf8AndAnyAlignmentOfF32) {
  const KernelSpec kernel = kernel_attention_wide_f32();
  const auto refusal = [&kernel](const std::string& text) {
    return kernel.refusal(problem(text)).value_or("taken");
  };
  for (int d = 8; d <= 1024; d += 8)
    EXPECT_EQ(refusal("attn(sq=65,dtype=f32,d=" + std::to_string(d) + ")"), "taken");
  EXPECT_EQ(refusal("attn(sq=65,d=12,dtype=f32)"), "d=12 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal("attn(sq=65,d=1032,dtype=f32)"), "d=1032 (only multiples of 8 up to 1024)");
  EXPECT_EQ(refusal("attn(sq=65,dtype=f16)"), "dtype=f16");
  EXPECT_EQ(refusal("attn(sq=65,dtype=f32,gap(q=1,k=2,v=3,o=5),skew(q=4,k=8,v=12,o=20))"), "taken");
}

// Three slabs of 32 keys by 128 columns, and 16 rows of Q in slabs, all rows padded by 4 floats;
// the scores of four warps, and P, in rows of 40.
TEST(AttentionWideF32, SharedMemoryFollowsTheHeadSize) {
  const KernelSpec kernel = kernel_attention_wide_f32();
  const auto launch = [&kernel](const std::string& text) {
    return kernel.plan(kernel.image, problem(text)).front();
  };
  EXPECT_EQ(launch("attn(sq=1,d=8,dtype=f32)").entry, "attention_wide_f32_d256");
  EXPECT_EQ(launch("attn(sq=1,d=8,dtype=f32)").dynamic_shared_bytes, 50688 + 12800 + 8448);
  EXPECT_EQ(launch("attn(sq=1,d=256,dtype=f32)").dynamic_shared_bytes, 50688 + 12800 + 2 * 8448);
  EXPECT_EQ(launch("attn(sq=1,d=264,dtype=f32)").entry, "attention_wide_f32_d1024");
  EXPECT_EQ(launch("attn(sq=1,d=1024,dtype=f32)").dynamic_shared_bytes, 50688 + 12800 + 8 * 8448);
}

TEST(AttentionWideF32, DeclaresChainsOfFma) {
  const KernelSpec kernel = kernel_attention_wide_f32();
  const Arithmetic arithmetic = kernel.arithmetic(problem("attn(sq=1,dtype=f32)"));
  EXPECT_EQ(arithmetic.accumulate, Accumulate::fma_f32);
  EXPECT_EQ(arithmetic.probability, Dtype::f32);
  EXPECT_FALSE(arithmetic.sum_of_rounded_p);
  EXPECT_EQ(arithmetic.kv_tile, kernel.tile_kv);
  EXPECT_EQ(kernel.image.ptx.find("mma.sync"), std::string_view::npos);
}

}  // namespace
}  // namespace attest
