// What a vector clock knows after learning and joining; and that too much becomes everything.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/vector_clock.h"

#include <gtest/gtest.h>

namespace attest::ptx {
namespace {

TEST(VectorClock, KnowsWhatIsBeforeItsTimes) {
  VectorClock c;
  EXPECT_FALSE(c.covers(0, 0, 0));
  c.learn_block(3, 10);
  c.learn(3, 2, 15);
  EXPECT_TRUE(c.covers(3, 0, 9));
  EXPECT_FALSE(c.covers(3, 0, 10));
  EXPECT_TRUE(c.covers(3, 2, 14));
  EXPECT_FALSE(c.covers(3, 2, 15));
  EXPECT_FALSE(c.covers(3, 31, 14)) << "another warp";
  EXPECT_FALSE(c.covers(2, 2, 0)) << "another block";
  EXPECT_FALSE(c.covers(4, 2, 0));
}

TEST(VectorClock, OfAnUnknownWarpItMayCoverWhatAnyWarpHas) {
  VectorClock c;
  c.learn_block(3, 10);
  c.learn(3, 2, 15);
  EXPECT_TRUE(c.may_cover(3, 14));
  EXPECT_FALSE(c.may_cover(3, 15));
  EXPECT_FALSE(c.may_cover(4, 0));
}

TEST(VectorClock, TheLaterTimeStays) {
  VectorClock c;
  c.learn(1, 1, 8);
  c.learn(1, 1, 5);
  EXPECT_TRUE(c.covers(1, 1, 7));
}

TEST(VectorClock, JoiningKnowsWhatBothKnew) {
  const auto a = std::make_shared<VectorClock>();
  a->learn(1, 0, 5);
  a->learn_block(7, 3);
  const auto b = std::make_shared<VectorClock>();
  b->learn(1, 0, 9);
  b->learn(1, 31, 2);
  const SharedClock both = joined(a, b);
  EXPECT_TRUE(both->covers(1, 0, 8));
  EXPECT_TRUE(both->covers(1, 31, 1));
  EXPECT_TRUE(both->covers(7, 4, 2));
  EXPECT_FALSE(a->covers(1, 0, 8)) << "clocks that were handed on do not change";
  EXPECT_TRUE(both->covers(*a));
  EXPECT_TRUE(both->covers(*b));
  EXPECT_FALSE(a->covers(*b));
  EXPECT_EQ(joined(both, a), both) << "nothing new";
  EXPECT_EQ(joined(a, both), both);
  EXPECT_EQ(joined(nullptr, a), a);
  EXPECT_EQ(joined(a, nullptr), a);
}

TEST(VectorClock, ListsTheWarpsOfABlock) {
  VectorClock c;
  c.learn(4, 0, 1);
  c.learn(5, 31, 2);
  c.learn(5, 3, 4);
  c.learn_block(5, 1);
  c.learn(6, 0, 1);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> seen;
  c.for_each_warp(5,
                  [&](std::uint32_t warp, std::uint32_t time) { seen.emplace_back(warp, time); });
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected = {{3, 4}, {31, 2}};
  EXPECT_EQ(seen, expected);
}

TEST(VectorClock, TooMuchBecomesEverything) {
  VectorClock c;
  for (std::uint32_t block = 0; block <= VectorClock::kMaxEntries; ++block)
    c.learn_block(block, 1);
  EXPECT_TRUE(c.knows_everything());
  EXPECT_TRUE(c.covers(1u << 30, 0, ~0u));
  VectorClock d;
  d.join(c);
  EXPECT_TRUE(d.knows_everything());
}

}  // namespace
}  // namespace attest::ptx
