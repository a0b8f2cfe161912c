// What mask_softmax claims, and which entry and geometry it launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace attest {

OperationSpec operation_spec_mask_softmax();

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string refusal(const MaskSoftmax& softmax) {
  return operation_spec_mask_softmax().refusal(softmax).value_or("taken");
}

Launch launch(const MaskSoftmax& softmax) {
  const OperationSpec kernel = operation_spec_mask_softmax();
  return kernel.plan(kernel.image, softmax);
}

std::vector<int> buffers(const MaskSoftmax& softmax) {
  std::vector<int> result;
  for (const Relocation& r : launch(softmax).relocations)
    result.push_back(r.buffer);
  return result;
}

TEST(MaskSoftmaxSpec, RefusesWhatDoesNotFitAndNamesTheLimit) {
  for (const Dtype dtype : kDtypes)
    EXPECT_EQ(refusal({.dtype = dtype}), "taken");
  EXPECT_EQ(operation_spec_mask_softmax().refusal(Gemm{}), "not a mask_softmax");
  EXPECT_EQ(refusal({.n = 0}), "n=0 (1 to 268435456)");
  EXPECT_EQ(refusal({.batch = 2, .m = 1 << 14, .n = 1 << 14}), "b*h*m*n above 268435456");
  EXPECT_EQ(refusal({.has_mask = true, .fill = -kInfinity}), "fill=-inf (only finite)");
  EXPECT_EQ(refusal({.fill = -kInfinity}), "taken");
  EXPECT_EQ(refusal({.scale = kInfinity}), "scale=inf (only finite)");
}

TEST(MaskSoftmaxSpec, EntryTellsWhatIsDone) {
  EXPECT_EQ(launch({}).entry, "softmax_f16");
  EXPECT_EQ(launch({.dtype = Dtype::f32}).entry, "softmax_f32");
  EXPECT_EQ(launch({.scale = 0.5, .dtype = Dtype::bf16}).entry, "mask_softmax_bf16");
  EXPECT_EQ(launch({.has_mask = true}).entry, "mask_softmax_f16");
  EXPECT_EQ(buffers({}), (std::vector<int>{0, 4}));
  EXPECT_EQ(buffers({.has_mask = true}), (std::vector<int>{0, 3, 4}));
}

TEST(MaskSoftmaxSpec, AWarpPerShortRowABlockPerLongOne) {
  const MaskSoftmax rows{.batch = 2, .heads = 3, .m = 7};
  MaskSoftmax at = rows;
  at.n = 1024;
  EXPECT_EQ(launch(at).grid, (Dim3{11, 1, 1}));
  EXPECT_EQ(launch(at).block, (Dim3{128, 1, 1}));
  at.n = 1025;
  EXPECT_EQ(launch(at).grid, (Dim3{42, 1, 1}));
  EXPECT_EQ(launch(at).block, (Dim3{128, 1, 1}));
  at.n = 4097;
  EXPECT_EQ(launch(at).grid, (Dim3{42, 1, 1}));
  EXPECT_EQ(launch(at).block, (Dim3{512, 1, 1}));
}

TEST(MaskSoftmaxSpec, DeclaresTheErrorOfItsExponential) {
  EXPECT_EQ(operation_spec_mask_softmax().arithmetic(MaskSoftmax{}).exp_ulps, 2);
}

}  // namespace
}  // namespace attest
