// Globs, and close names.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/pattern.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(Pattern, stars_and_question_marks_match_within_a_name) {
  EXPECT_TRUE(matches("attention_mma", "attention_mma"));
  EXPECT_TRUE(matches("attention_*", "attention_mma"));
  EXPECT_TRUE(matches("*_mma", "attention_mma"));
  EXPECT_TRUE(matches("*t*n*a", "attention_mma"));
  EXPECT_TRUE(matches("attention_f??", "attention_f32"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_FALSE(matches("attention_?", "attention_f32"));
  EXPECT_FALSE(matches("attention", "attention_f32"));
  EXPECT_FALSE(matches("attention_f32x", "attention_f32"));
}

TEST(Pattern, no_wildcard_matches_a_slash) {
  EXPECT_FALSE(matches("*", "zoo/no_barrier"));
  EXPECT_FALSE(matches("zoo?no_barrier", "zoo/no_barrier"));
  EXPECT_FALSE(matches("*barrier", "zoo/no_barrier"));
  EXPECT_TRUE(matches("zoo/*", "zoo/no_barrier"));
  EXPECT_TRUE(matches("zoo/*barrier", "zoo/no_barrier"));
  EXPECT_TRUE(matches("*/*", "zoo/no_barrier"));
}

TEST(CloseMatches, are_sorted_by_distance_and_leave_out_the_unlike) {
  const std::vector<std::string> names = {"attention_f32", "attention_mma", "zoo/no_barrier"};
  EXPECT_EQ(close_matches("atention_mma", names),
            (std::vector<std::string>{"attention_mma", "attention_f32"}));
  EXPECT_EQ(close_matches("barrier*", names), (std::vector<std::string>{"zoo/no_barrier"}));
  EXPECT_TRUE(close_matches("qqqqqq", names).empty());
  EXPECT_TRUE(close_matches("*", names).empty());
}

TEST(NoSuch, names_what_is_close_or_all_there_is) {
  const std::vector<std::string> names = {"check", "list"};
  EXPECT_EQ(no_such("command", "chek", names), "no command 'chek'; close: check");
  EXPECT_EQ(no_such("command", "zzz", names), "no command 'zzz'; there are: check, list");
}

}  // namespace
}  // namespace attest
