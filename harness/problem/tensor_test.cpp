// Spans of strided tensors.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/tensor.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

TEST(TensorLayout, SpanEndsAtTheLastElementNotAtItsGap) {
  // 2 x 1 x 3 rows of 4 elements, 10 apart, batches 100 apart: 100 + 2 * 10 + 3 + 1.
  const TensorLayout layout{Dtype::f16, {2, 1, 3, 4}, {100, 4, 10, 1}, 0};
  EXPECT_EQ(layout.span_elements(), 124);
  EXPECT_EQ(layout.elements(), 24);
  EXPECT_EQ(layout.offset(1, 0, 2, 3), 123);
}

TEST(TensorLayout, EmptyTensorSpansNothing) {
  const TensorLayout layout{Dtype::f32, {2, 1, 0, 4}, {0, 4, 4, 1}, 0};
  EXPECT_EQ(layout.span_elements(), 0);
  EXPECT_TRUE(poisoned_tensor(layout).bytes.empty());
}

TEST(HostTensor, StartsAsNanAndKeepsWhatIsSet) {
  for (const Dtype dtype : kDtypes) {
    HostTensor tensor = poisoned_tensor({dtype, {1, 1, 2, 3}, {0, 0, 5, 1}, 0});
    EXPECT_EQ(tensor.bytes.size(), static_cast<std::size_t>(8 * size_bytes(dtype)));
    EXPECT_TRUE(std::isnan(tensor.value(0, 0, 1, 2)));
    tensor.set_bits(0, 0, 1, 1, encode(dtype, -1.5));
    EXPECT_EQ(tensor.value(0, 0, 1, 1), -1.5);
    EXPECT_TRUE(std::isnan(tensor.value(0, 0, 1, 0)));
    EXPECT_TRUE(std::isnan(tensor.value(0, 0, 1, 2)));
  }
}

}  // namespace
}  // namespace attest
