// What gemm_f32 claims, and the entry that it launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include <gtest/gtest.h>

namespace attest {

OperationSpec operation_spec_gemm_f32();

namespace {

TEST(GemmF32, TakesF32) {
  const OperationSpec kernel = operation_spec_gemm_f32();
  EXPECT_EQ(kernel.refusal(Gemm{.dtype = Dtype::f32}), std::nullopt);
  EXPECT_EQ(kernel.refusal(Gemm{.dtype = Dtype::f16}), "dtype=f16");
  EXPECT_EQ(kernel.arithmetic(Gemm{}).accumulate, Accumulate::fma_f32);
}

TEST(GemmF32, EntryFollowsTheTransposition) {
  const OperationSpec kernel = operation_spec_gemm_f32();
  const auto entry = [&kernel](bool a, bool b) {
    const Gemm gemm{.transpose_a = a, .transpose_b = b, .dtype = Dtype::f32};
    return kernel.plan(kernel.image, gemm).entry;
  };
  EXPECT_EQ(entry(false, false), "gemm_f32_nn");
  EXPECT_EQ(entry(false, true), "gemm_f32_nt");
  EXPECT_EQ(entry(true, false), "gemm_f32_tn");
  EXPECT_EQ(entry(true, true), "gemm_f32_tt");
}

}  // namespace
}  // namespace attest
