// What attention_mma claims beyond what all attention kernels do, and its launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

namespace attest {

KernelSpec kernel_attention_mma();

namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

TEST(AttentionMma, TakesRowsAndBasesOf16Bytes) {
  const KernelSpec kernel = kernel_attention_mma();
  const auto refusal = [&kernel](const std::string& text) {
    return kernel.refusal(problem(text)).value_or("taken");
  };
  EXPECT_EQ(refusal("attn(sq=65,dtype=f32)"), "dtype=f32");
  EXPECT_EQ(refusal("attn(sq=65,d=48)"), "d=48 (only 32, 64, 128)");
  for (const std::string tensor : {"q", "k", "v", "o"}) {
    EXPECT_EQ(refusal("attn(sq=65,gap(" + tensor + "=8),skew(" + tensor + "=16))"), "taken");
    EXPECT_EQ(refusal("attn(sq=65,gap(" + tensor + "=4))"),
              "row stride of " + tensor + " not a multiple of 16 bytes");
    EXPECT_EQ(refusal("attn(hq=2,sq=65,layout=bhsd,dtype=bf16,gap(" + tensor + "=1))"),
              "row stride of " + tensor + " not a multiple of 16 bytes");
    EXPECT_EQ(refusal("attn(sq=65,skew(" + tensor + "=8))"),
              "base of " + tensor + " not a multiple of 16 bytes");
  }
}

TEST(AttentionMma, EntryFollowsDtypeAndHeadSize) {
  const KernelSpec kernel = kernel_attention_mma();
  const auto launch = [&kernel](const std::string& text) {
    return kernel.plan(kernel.image, problem(text)).front();
  };
  EXPECT_EQ(launch("attn(sq=1,d=32,dtype=f16)").entry, "attention_mma_f16_d32");
  EXPECT_EQ(launch("attn(sq=1,d=128,dtype=bf16)").entry, "attention_mma_bf16_d128");
  // Q and two stages of K and V: 5 tiles of 64 rows of 2-byte elements.
  EXPECT_EQ(launch("attn(sq=1,d=32)").dynamic_shared_bytes, 5 * 64 * 32 * 2);
  EXPECT_EQ(launch("attn(sq=1,d=64)").dynamic_shared_bytes, 5 * 64 * 64 * 2);
  EXPECT_EQ(launch("attn(sq=1,d=128)").dynamic_shared_bytes, 5 * 64 * 128 * 2);
}

TEST(AttentionMma, DeclaresTensorCoresAndWhereItRounds) {
  const KernelSpec kernel = kernel_attention_mma();
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

TEST(AttentionMma, CopiesAsynchronouslyAndMultipliesOnTensorCores) {
  const std::string_view ptx = kernel_attention_mma().image.ptx;
  for (const char* instruction : {"cp.async.cg.shared.global",
                                  "ldmatrix.sync.aligned.m8n8.x4.shared.b16",
                                  "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16",
                                  "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32",
                                  "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"}) {
    EXPECT_NE(ptx.find(instruction), std::string_view::npos) << instruction;
  }
}

}  // namespace
}  // namespace attest
