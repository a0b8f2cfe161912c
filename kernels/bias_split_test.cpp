// What bias_split claims, and what it launches.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_spec.h"

#include <gtest/gtest.h>

#include <vector>

namespace attest {

OperationSpec operation_spec_bias_split();

namespace {

std::string refusal(const BiasSplit& add) {
  return operation_spec_bias_split().refusal(add).value_or("taken");
}

Launch launch(const BiasSplit& add) {
  const OperationSpec kernel = operation_spec_bias_split();
  return kernel.plan(kernel.image, add);
}

std::vector<int> buffers(const BiasSplit& add) {
  std::vector<int> result;
  for (const Relocation& r : launch(add).relocations)
    result.push_back(r.buffer);
  return result;
}

TEST(BiasSplitSpec, RefusesWhatDoesNotFitAndNamesTheLimit) {
  for (const Dtype dtype : kDtypes)
    EXPECT_EQ(refusal({.dtype = dtype}), "taken");
  EXPECT_EQ(operation_spec_bias_split().refusal(Gemm{}), "not a bias_split");
  EXPECT_EQ(refusal({.m = 0}), "m=0 (1 to 268435456)");
  EXPECT_EQ(refusal({.n = 65535 * 512 + 1, .dtype = Dtype::f32}), "n=33553921 (1 to 33553920)");
  EXPECT_EQ(refusal({.m = 1 << 20, .n = 257}), "m*n above 268435456");
  EXPECT_EQ(refusal({.n = 8, .split = 3}), "n=8 not a multiple of split=3");
}

TEST(BiasSplitSpec, BlocksOfEightRowsAnd16BytesAThread) {
  EXPECT_EQ(launch({.m = 17, .n = 1025}).grid, (Dim3{3, 2, 1}));
  EXPECT_EQ(launch({.m = 17, .n = 1025, .dtype = Dtype::f32}).grid, (Dim3{3, 3, 1}));
  EXPECT_EQ(launch({.dtype = Dtype::bf16}).entry, "bias_split_bf16");
}

TEST(BiasSplitSpec, PointsAtAsManyOutputsAsItHas) {
  EXPECT_EQ(buffers({}), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(buffers({.n = 2, .split = 2}), (std::vector<int>{0, 2, 4, 5}));
  EXPECT_EQ(buffers({.n = 3, .split = 3}), (std::vector<int>{0, 2, 4, 5, 6}));
}

}  // namespace
}  // namespace attest
