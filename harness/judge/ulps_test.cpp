// Units in the last place and their classes, by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/ulps.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

HostTensor row_of(Dtype dtype, const std::vector<double>& values) {
  TensorLayout layout;
  layout.dtype = dtype;
  const auto columns = static_cast<std::int64_t>(values.size());
  layout.shape = {1, 1, 1, columns};
  layout.strides = {columns, columns, columns, 1};
  HostTensor tensor = poisoned_tensor(layout);
  for (std::int64_t d = 0; d < columns; ++d)
    tensor.set_bits(0, 0, 0, d, encode(dtype, values[static_cast<std::size_t>(d)]));
  return tensor;
}

TEST(Ulps, units_are_the_distances_between_neighbours) {
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 1), 0x1p-10);
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 1.999), 0x1p-10);
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 2), 0x1p-9);
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 0.75), 0x1p-11);
  EXPECT_EQ(unit_in_last_place(Dtype::bf16, 1), 0x1p-7);
  EXPECT_EQ(unit_in_last_place(Dtype::f32, 1), 0x1p-23);
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 0), 0x1p-24);
  EXPECT_EQ(unit_in_last_place(Dtype::f16, 0x1p-20), 0x1p-24) << "subnormal";
}

TEST(Ulps, elements_are_counted_by_their_error) {
  const double u = 0x1p-10;  // of f16 at 1
  const std::vector<double> want = {1, 1, 1, 1, 1 + u / 2, 1, 1};
  const std::vector<double> got = {1, 1 + u, 1 + 2 * u, 1 + 3 * u, 1, 100, std::nan("")};
  const UlpRecord record = ulp_record(row_of(Dtype::f16, got), want, want);
  EXPECT_EQ(record.kernel, (UlpCounts{2, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(record.unfused, (UlpCounts{7}));
}

/// Near 0 a unit would mean nothing: the row's largest element gives the scale.
TEST(Ulps, small_elements_have_the_unit_of_a_sixteenth_of_the_largest) {
  const double u = 0x1p-14;  // of f16 at 1/16
  const UlpRecord record = ulp_record(row_of(Dtype::f16, {1, 4 * u}), {1, 8 * u}, {1, 0});
  EXPECT_EQ(record.kernel, (UlpCounts{1, 0, 0, 1}));
  EXPECT_EQ(record.unfused, (UlpCounts{1, 0, 0, 0, 1}));
}

TEST(Ulps, of_nothing_is_nothing) {
  const UlpRecord record = ulp_record(row_of(Dtype::f32, {}), {}, {});
  EXPECT_EQ(record.kernel, UlpCounts{});
}

}  // namespace
}  // namespace attest
