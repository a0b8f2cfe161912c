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
  EXPECT_NE(err.str().find("[########################] 50 of 50 cases, 0 failing, "),
            std::string::npos);
}

TEST(Progress, tells_rate_and_time_left_once_something_is_done) {
  const auto text = [](Standing standing) { return progress_text(standing, "cases"); };
  EXPECT_EQ(text({.done = 0, .total = 80, .seconds = 2}), "0 of 80 cases, 0 failing");
  EXPECT_EQ(text({.done = 20, .total = 80, .failing = 3, .seconds = 10}),
            "20 of 80 cases, 3 failing, 2.0/s, 30 s left");
  EXPECT_EQ(text({.done = 400, .total = 10'240, .seconds = 20}),
            "400 of 10240 cases, 0 failing, 20/s, 8:12 left");
  EXPECT_EQ(text({.done = 1, .total = 3601, .seconds = 1.5}),
            "1 of 3601 cases, 0 failing, 0.7/s, 1:30:00 left");
  EXPECT_EQ(text({.done = 80, .total = 80, .seconds = 40}), "80 of 80 cases, 0 failing, 40.0 s");
}

TEST(Progress, the_rate_leaves_out_what_an_earlier_run_had_done) {
  EXPECT_EQ(progress_text({.done = 60, .total = 80, .before = 50, .seconds = 10}, "cases"),
            "60 of 80 cases, 0 failing, 1.0/s, 20 s left");
  std::ostringstream err;
  Progress progress(err, false, "cases", 100, 50);
  progress.update(51, 0);
  EXPECT_EQ(err.str(), "");
  progress.update(60, 0);
  EXPECT_EQ(count_lines(err.str()), 1) << err.str();
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
