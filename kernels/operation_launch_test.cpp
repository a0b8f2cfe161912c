// Limits of the launches of kernels that are not attention, and the pointers in their parameters.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_launch.h"

#include <gtest/gtest.h>

#include <vector>

namespace attest {
namespace {

TEST(OperationLaunch, NamesTheFirstSizeOutsideItsLimits) {
  EXPECT_EQ(refuse_sizes({{"m", 1}, {"n", kMaxExtent}, {"b", 7, 7}}), std::nullopt);
  EXPECT_EQ(refuse_sizes({{"m", 1}, {"n", 0}, {"k", 0}}), "n=0 (1 to 1073741824)");
  EXPECT_EQ(refuse_sizes({{"m", kMaxExtent + 1}}), "m=1073741825 (1 to 1073741824)");
  EXPECT_EQ(refuse_sizes({{"b", 8, 7}}), "b=8 (1 to 7)");
}

TEST(OperationLaunch, LimitsTheElementsOfATensor) {
  const auto refusal = [](std::vector<std::int64_t> sizes) { return refuse_product("m*n", sizes); };
  EXPECT_EQ(refusal({1 << 14, 1 << 14}), std::nullopt);
  EXPECT_EQ(refusal({1 << 14, (1 << 14) + 1}), "m*n above 268435456");
  EXPECT_EQ(refusal({3, 1 << 28}), "m*n above 268435456");
}

TEST(OperationLaunch, SplitsIntoEqualParts) {
  EXPECT_EQ(refuse_split(6, 1), std::nullopt);
  EXPECT_EQ(refuse_split(6, 3), std::nullopt);
  EXPECT_EQ(refuse_split(7, 3), "n=7 not a multiple of split=3");
  EXPECT_EQ(refuse_split(8, 4), "split=4 (1 to 3)");
  EXPECT_EQ(refuse_split(8, 0), "split=0 (1 to 3)");
}

TEST(OperationLaunch, NamesADtypeThatIsNotClaimed) {
  OperationSpec spec;
  spec.dtypes = {Dtype::f16, Dtype::bf16};
  EXPECT_EQ(refuse_dtype(spec, Dtype::bf16), std::nullopt);
  EXPECT_EQ(refuse_dtype(spec, Dtype::f32), "dtype=f32");
}

TEST(OperationLaunch, CopiesTheParametersAndPointsAtBuffers) {
  struct Params {
    const void* x;
    int n;
  };
  Launch launch = operation_launch({"image", "ptx"}, "entry", Params{nullptr, 5});
  relocate(launch, offsetof(Params, x), OperationBuffer::mask);
  EXPECT_EQ(launch.entry, "entry");
  ASSERT_EQ(launch.parameters.size(), sizeof(Params));
  EXPECT_EQ(launch.parameters[offsetof(Params, n)], std::byte{5});
  ASSERT_EQ(launch.relocations.size(), 1u);
  EXPECT_EQ(launch.relocations[0].parameter_offset, 0);
  EXPECT_EQ(launch.relocations[0].buffer, static_cast<int>(OperationBuffer::mask));
}

}  // namespace
}  // namespace attest
