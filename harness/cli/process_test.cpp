// The binary itself: exit codes and streams.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(Process, exit_codes_of_usage_are_ours) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_binary({"--version"}, folder), 0);
  EXPECT_EQ(read_file(folder / "out"), "attest 0.1.0\n");
  EXPECT_EQ(run_binary({}, folder), 2);
  EXPECT_EQ(run_binary({"check", "--nosuch"}, folder), 2);
  EXPECT_EQ(count_lines(read_file(folder / "err")), 1);
  EXPECT_EQ(run_binary({"check", "--device", "cuda"}, folder), 3);
  EXPECT_EQ(run_binary({"doctor"}, folder), 0);
}

TEST(Process, refuses_a_build_of_the_handlers_that_does_not_exist) {
  const TemporaryFolder folder;
  ASSERT_EQ(setenv("ATTEST_SIMD", "sse", 1), 0);
  EXPECT_EQ(run_binary({"list"}, folder), 2);
  ASSERT_EQ(setenv("ATTEST_SIMD", "scalar", 1), 0);
  EXPECT_EQ(run_binary({"list", "kernels"}, folder), 0);
  ASSERT_EQ(unsetenv("ATTEST_SIMD"), 0);
  EXPECT_EQ(run_binary({"list", "--nosuch"}, folder), 2);
}

}  // namespace
}  // namespace attest
