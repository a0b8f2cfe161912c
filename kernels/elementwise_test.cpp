// What elementwise claims, and what it launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace attest {

OperationSpec operation_spec_elementwise();

namespace {

constexpr auto kScale = ElementwiseKind::scale;
constexpr auto kEqualsZero = ElementwiseKind::equals_zero;
constexpr auto kMaskedFill = ElementwiseKind::masked_fill;

std::string refusal(const Elementwise& step) {
  return operation_spec_elementwise().refusal(step).value_or("taken");
}

Launch launch(const Elementwise& step) {
  const OperationSpec kernel = operation_spec_elementwise();
  return kernel.plan(kernel.image, step);
}

std::vector<int> buffers(const Elementwise& step) {
  std::vector<int> result;
  for (const Relocation& r : launch(step).relocations)
    result.push_back(r.buffer);
  return result;
}

TEST(ElementwiseSpec, RefusesWhatDoesNotFitAndNamesTheLimit) {
  for (const Dtype dtype : kDtypes)
    EXPECT_EQ(refusal({.dtype = dtype}), "taken");
  EXPECT_EQ(operation_spec_elementwise().refusal(Gemm{}), "not elementwise");
  EXPECT_EQ(refusal({.heads = 0}), "h=0 (1 to 65535)");
  EXPECT_EQ(refusal({.batch = 2, .heads = 40000}), "b*h=80000 (at most 65535)");
  EXPECT_EQ(refusal({.kind = kEqualsZero, .batch = 2, .heads = 40000}), "taken");
  EXPECT_EQ(refusal({.m = 1 << 15, .n = 1 << 14}), "b*h*m*n above 268435456");
  EXPECT_EQ(refusal({.alpha = std::numeric_limits<double>::quiet_NaN()}), "alpha=nan");
}

TEST(ElementwiseSpec, AnEntryForEachStep) {
  EXPECT_EQ(launch({.dtype = Dtype::f32}).entry, "scale_f32");
  EXPECT_EQ(launch({.kind = kEqualsZero}).entry, "equals_zero");
  EXPECT_EQ(launch({.kind = kMaskedFill, .dtype = Dtype::bf16}).entry, "masked_fill_bf16");
  EXPECT_EQ(buffers({.kind = kScale}), (std::vector<int>{0, 4}));
  EXPECT_EQ(buffers({.kind = kEqualsZero}), (std::vector<int>{3, 4}));
  EXPECT_EQ(buffers({.kind = kMaskedFill}), (std::vector<int>{0, 3, 4}));
}

TEST(ElementwiseSpec, ARowOfBlocksForEachMatrix) {
  const Elementwise step{.batch = 2, .heads = 3, .m = 41, .n = 25, .dtype = Dtype::f16};
  EXPECT_EQ(launch(step).grid, (Dim3{2, 6, 1}));  // 1025 elements, 128 * 8 of a block
  Elementwise mask = step;
  mask.kind = kEqualsZero;
  EXPECT_EQ(launch(mask).grid, (Dim3{1, 2, 1}));  // one mask for all heads
}

}  // namespace
}  // namespace attest
