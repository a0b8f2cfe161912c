// Progress: lines without a terminal, a bar on one.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/progress.h"

#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <sstream>

namespace attest {
namespace {

TEST(Progress, prints_a_line_each_tenth_part_and_no_control_characters) {
  std::ostringstream err;
  Progress progress(err, false, "cases", 200);
  for (int i = 1; i <= 200; ++i)
    progress.update(i, i / 100);
  progress.finish();
  EXPECT_EQ(count_lines(err.str()), 10) << err.str();
  EXPECT_EQ(err.str().find("20 of 200 cases, 0 failing"), 0U) << err.str();
  EXPECT_NE(err.str().find("200 of 200 cases, 2 failing"), std::string::npos) << err.str();
  EXPECT_EQ(err.str().find('\r'), std::string::npos);
}

TEST(Progress, a_bar_stays_on_its_line_and_ends_full) {
  std::ostringstream err;
  Progress progress(err, true, "cases", 50);
  for (int i = 1; i <= 50; ++i)
    progress.update(i, 0);
  progress.finish();
  EXPECT_EQ(count_lines(err.str()), 1) << err.str();
  EXPECT_NE(err.str().find("[##############################] 50 of 50"), std::string::npos);
}

TEST(Progress, nothing_to_do_prints_nothing) {
  std::ostringstream err;
  Progress progress(err, true, "cases", 0);
  progress.update(0, 0);
  progress.finish();
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace attest
