// The single steps: all that are promised, all valid, and none that leads back.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

std::set<std::string> steps_of(std::string_view text) {
  std::set<std::string> out;
  for (const Case& step : shrink_steps(case_of(text)))
    out.insert(to_string(step.problem));
  return out;
}

/// The steps of `text` are those listed, no more and no less.
void expect_steps(std::string_view text, const std::set<std::string>& expected) {
  EXPECT_EQ(steps_of(text), expected) << text;
}

void expect_among_steps(std::string_view text, const std::vector<std::string>& expected) {
  const std::set<std::string> steps = steps_of(text);
  for (const std::string& step : expected)
    EXPECT_EQ(steps.count(step), 1U) << text << " -> " << step;
}

TEST(ShrinkSteps, OfTheLeastCaseIsTheEmptyOne) {
  expect_steps("attn(b=0,sq=0,d=1)", {});
  expect_steps("attn(sq=1,skv=0,d=1)", {"attn(b=0,sq=1,skv=0,d=1)", "attn(sq=0,d=1)"});
}

TEST(ShrinkSteps, EachSizeGoesToZeroOneHalfAndOneLess) {
  expect_among_steps("attn(b=9,sq=9,skv=20,d=1)",
                     {"attn(b=0,sq=9,skv=20,d=1)",
                      "attn(sq=9,skv=20,d=1)",
                      "attn(b=4,sq=9,skv=20,d=1)",
                      "attn(b=8,sq=9,skv=20,d=1)",
                      "attn(b=9,sq=0,skv=20,d=1)",
                      "attn(b=9,sq=1,skv=20,d=1)",
                      "attn(b=9,sq=4,skv=20,d=1)",
                      "attn(b=9,sq=8,skv=20,d=1)",
                      "attn(b=9,sq=9,skv=0,d=1)",
                      "attn(b=9,sq=9,skv=1,d=1)",
                      "attn(b=9,sq=9,skv=10,d=1)",
                      "attn(b=9,sq=9,skv=19,d=1)"});
  expect_among_steps("attn(sq=2,skv=3,d=64)",
                     {"attn(sq=2,skv=3,d=1)", "attn(sq=2,skv=3,d=32)", "attn(sq=2,skv=3,d=63)"});
  expect_among_steps("attn(sq=9,d=1)", {"attn(sq=0,d=1)", "attn(sq=4,d=1)", "attn(sq=8,d=1)"});
}

TEST(ShrinkSteps, HeadsKeepADivisor) {
  expect_among_steps("attn(hq=8,hkv=4,sq=1,d=1)",
                     {"attn(hq=4,sq=1,d=1)",        // queries fall to the kv heads
                      "attn(hq=8,hkv=1,sq=1,d=1)",  // kv heads alone
                      "attn(hq=8,hkv=2,sq=1,d=1)",
                      "attn(hq=2,hkv=1,sq=1,d=1)",  // both, in proportion
                      "attn(hq=4,hkv=2,sq=1,d=1)",
                      "attn(hq=6,hkv=3,sq=1,d=1)"});
  expect_among_steps("attn(hq=6,sq=1,d=1)", {"attn(sq=1,d=1)", "attn(hq=3,sq=1,d=1)"});
}

TEST(ShrinkSteps, OneMaskOrOptionIsRemoved) {
  expect_among_steps(
      "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&padding(2)&bool,fill=-9,scale=2)",
      {"attn(sq=3,d=1,mask=window(4,0,br)&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&padding(2),fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-tl&window(4,0,br)&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,tl)&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(-1,0,br)&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(2,0,br)&padding(2)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&padding(1)&bool,fill=-9,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&padding(2)&bool,scale=2)",
       "attn(sq=3,d=1,mask=causal-br&window(4,0,br)&padding(2)&bool,fill=-9)"});
}

TEST(ShrinkSteps, WhatChangesScoresIsRemoved) {
  expect_among_steps("attn(hq=2,sq=3,d=1,mask=bias&alibi,softcap=30,sink=1)",
                     {"attn(hq=2,sq=3,d=1,mask=alibi,softcap=30,sink=1)",
                      "attn(hq=2,sq=3,d=1,mask=bias,softcap=30,sink=1)",
                      "attn(hq=2,sq=3,d=1,mask=bias&alibi,sink=1)",
                      "attn(hq=2,sq=3,d=1,mask=bias&alibi,softcap=30)"});
}

TEST(ShrinkSteps, LengthsFollowBatchAndKeys) {
  expect_among_steps("attn(b=3,sq=1,skv=9,d=1,mask=padding(9,2,7))",
                     {"attn(b=2,sq=1,skv=9,d=1,mask=padding(9,2))",
                      "attn(b=3,sq=1,skv=4,d=1,mask=padding(4,2,4))",
                      "attn(b=2,sq=1,skv=9,d=1,mask=padding(9,7))",
                      "attn(b=2,sq=1,skv=9,d=1,mask=padding(2,7))",
                      "attn(sq=1,skv=9,d=1,mask=padding(9))",
                      "attn(sq=1,skv=9,d=1,mask=padding(7))"});
}

TEST(ShrinkSteps, DataLayoutAndStridesGoOnePlaceDown) {
  expect_among_steps("attn(sq=1,d=1,layout=bhsd,gap(q=9,o=4),skew(k=8),data=ramp-down)",
                     {"attn(sq=1,d=1,gap(q=9,o=4),skew(k=8),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,skew(k=8),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,gap(o=4),skew(k=8),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,gap(q=8,o=4),skew(k=8),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,gap(q=9,o=4),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,gap(q=9,o=4),skew(k=6),data=ramp-down)",
                      "attn(sq=1,d=1,layout=bhsd,gap(q=9,o=4),skew(k=8),data=ramp-up)",
                      "attn(sq=1,d=1,layout=bhsd,gap(q=9,o=4),skew(k=8))"});
  expect_among_steps("attn(sq=1,d=1,data=normal(40))", {"attn(sq=1,d=1)"});
}

TEST(ShrinkSteps, TheScheduleGoesToAscendingUnlessKept) {
  Case which = case_of("attn(b=0,sq=0,d=1)");
  which.mode = {.arch = "sm_90", .schedule = 7};
  const auto steps = shrink_steps(which);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps.front().mode, (Mode{.arch = "sm_90", .schedule = 0}));
  EXPECT_TRUE(shrink_steps(which, {.schedule = true}).empty());
}

TEST(ShrinkSteps, OpenArithmeticGoesToItsDefaultsUnlessKept) {
  Case which = case_of("attn(b=0,sq=0,d=1)");
  which.mode = {.mma = MmaBits::fast, .approx = Approx::high, .contract = Contract::on};
  std::vector<Mode> modes;
  for (const Case& step : shrink_steps(which))
    modes.push_back(step.mode);
  const std::vector<Mode> wanted = {
      {.mma = MmaBits::fast, .approx = Approx::high},
      {.mma = MmaBits::fast, .approx = Approx::cr, .contract = Contract::on},
      {.mma = MmaBits::fast, .approx = Approx::low, .contract = Contract::on}};
  EXPECT_EQ(modes, wanted);
  EXPECT_EQ(shrink_steps(which, {.approx = true}).size(), 1U);
  EXPECT_EQ(shrink_steps(which, {.contract = true}).size(), 2U);
  EXPECT_TRUE(shrink_steps(which, {.approx = true, .contract = true}).empty());
}

/// Walks along pseudo-random steps from drawn cases: every step is valid, keeps what is not to be
/// shrunk, is never met twice, and the walk ends.
TEST(ShrinkSteps, EveryWalkEnds) {
  std::uint64_t pick = 1;
  for (const Case& from : spread(property_named("agrees_with_reference"), 60, 11)) {
    Case at = from;
    std::set<std::string> met;
    for (;;) {
      ASSERT_TRUE(met.insert(replay_line(at)).second) << replay_line(at);
      ASSERT_LT(met.size(), 5000U);
      const std::vector<Case> steps = shrink_steps(at);
      if (steps.empty()) break;
      std::set<std::string> lines;
      for (const Case& step : steps) {
        ASSERT_TRUE(validate(step.problem).has_value()) << to_string(step.problem);
        EXPECT_EQ(step.attention().seed, from.attention().seed);
        EXPECT_EQ(step.attention().dtype, from.attention().dtype);
        EXPECT_TRUE(lines.insert(replay_line(step)).second) << replay_line(step);
      }
      pick = pick * 6364136223846793005U + 1442695040888963407U;
      at = steps[(pick >> 33) % steps.size()];
    }
    EXPECT_EQ(to_string(at.problem).substr(0, 15), "attn(b=0,sq=0,d");
  }
}

}  // namespace
}  // namespace attest
