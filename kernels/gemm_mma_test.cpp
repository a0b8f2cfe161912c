// What gemm_mma claims, the entry that it launches, and the instructions that it is made of.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include <gtest/gtest.h>

namespace attest {

OperationSpec operation_spec_gemm_mma();

namespace {

TEST(GemmMma, TakesF16AndBf16) {
  const OperationSpec kernel = operation_spec_gemm_mma();
  EXPECT_EQ(kernel.refusal(Gemm{.dtype = Dtype::f16}), std::nullopt);
  EXPECT_EQ(kernel.refusal(Gemm{.dtype = Dtype::bf16}), std::nullopt);
  EXPECT_EQ(kernel.refusal(Gemm{.dtype = Dtype::f32}), "dtype=f32");
  EXPECT_EQ(kernel.arithmetic(Gemm{}).accumulate, Accumulate::tensor_core_f32);
}

TEST(GemmMma, EntryFollowsDtypeAndTransposition) {
  const OperationSpec kernel = operation_spec_gemm_mma();
  EXPECT_EQ(kernel.plan(kernel.image, Gemm{.dtype = Dtype::f16}).entry, "gemm_mma_f16_nn");
  EXPECT_EQ(kernel.plan(kernel.image, Gemm{.transpose_b = true, .dtype = Dtype::bf16}).entry,
            "gemm_mma_bf16_nt");
}

TEST(GemmMma, CopiesAsynchronouslyAndMultipliesOnTensorCores) {
  const std::string_view ptx = operation_spec_gemm_mma().image.ptx;
  for (const char* instruction : {"cp.async.cg.shared.global",
                                  "cp.async.ca.shared.global",
                                  "ldmatrix.sync.aligned.m8n8.x4.shared.b16",
                                  "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16",
                                  "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32",
                                  "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"}) {
    EXPECT_NE(ptx.find(instruction), std::string_view::npos) << instruction;
  }
}

}  // namespace
}  // namespace attest
