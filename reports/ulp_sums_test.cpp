// Sums of errors in units in the last place.
// SPDX-License-Identifier: Apache-2.0
#include "reports/ulp_sums.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(UlpSums, are_by_kernel_and_dtype) {
  RunRecord run = sample_run();
  run.cases.push_back(run.cases[0]);
  const std::vector<UlpSums> sums = ulp_sums(run);
  ASSERT_EQ(sums.size(), 3U);
  EXPECT_EQ(sums[0].kernel, "attention_f32");
  EXPECT_EQ(sums[0].dtype, Dtype::f32);
  EXPECT_EQ(sums[0].cases, 2);
  EXPECT_EQ(sums[0].of_kernel[0], 2 * run.cases[0].ulps->kernel[0]);
  EXPECT_EQ(sums[0].of_unfused[4], 2 * run.cases[0].ulps->unfused[4]);
  EXPECT_EQ(sums[1].kernel, "attention_mma");
}

}  // namespace
}  // namespace attest
