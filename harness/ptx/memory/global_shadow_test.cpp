// The rules of races in global memory: blocks, warps, lanes, clocks, strong accesses, sizes, runs.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_shadow.h"

#include <gtest/gtest.h>

#include <array>

namespace attest::ptx {
namespace {

using Kind = GlobalConflict::Kind;
constexpr std::uint64_t kAt = 0x7f0000001100;
constexpr std::uint32_t kTime = 5;

GlobalAccess thread(std::uint32_t block, std::uint32_t warp = 0, std::uint32_t lane = 0) {
  GlobalAccess access;
  access.me = global_tag::make(block, kTime, tag::party(warp, lane));
  access.floor = kTime;
  return access;
}
GlobalAccess strong(std::uint32_t block, std::uint32_t warp = 0, std::uint32_t lane = 0) {
  GlobalAccess access = thread(block, warp, lane);
  access.me |= global_tag::kStrong;
  return access;
}
GlobalAccess narrow(std::uint32_t block) {
  GlobalAccess access = strong(block);
  access.me |= global_tag::kNarrow;
  return access;
}
GlobalAccess through_nc(std::uint32_t block) {
  GlobalAccess access = thread(block);
  access.is_nc = true;
  return access;
}
GlobalAccess after_barrier(GlobalAccess access) {
  access.me += 1ull << global_tag::kTimeShift;
  access.floor = kTime + 1;
  return access;
}

/// With and without sites the verdicts are the same.
class GlobalShadowRules : public testing::TestWithParam<bool> {
 protected:
  GlobalShadow shadow_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Sites, GlobalShadowRules, testing::Bool());

TEST_P(GlobalShadowRules, BlocksAreNotOrdered) {
  EXPECT_FALSE(shadow_.write(thread(3, 1, 9), kAt, 4));
  const auto read = shadow_.read(thread(4), kAt, 4);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->kind, Kind::race);
  EXPECT_EQ(read->address, kAt);
  EXPECT_TRUE(read->other_wrote);
  EXPECT_EQ(global_tag::block(read->other), 3u);
  EXPECT_EQ(tag::warp(global_tag::party(read->other)), 1u);
  EXPECT_EQ(tag::lane(global_tag::party(read->other)), 9u);
  EXPECT_TRUE(shadow_.write(after_barrier(thread(4)), kAt, 4).has_value());
  EXPECT_FALSE(shadow_.read(thread(3, 1, 9), kAt, 4)) << "the same thread";
}

TEST_P(GlobalShadowRules, AWriteAfterAnotherBlocksRead) {
  EXPECT_FALSE(shadow_.read(thread(3), kAt, 4));
  const auto conflict = shadow_.write(thread(4), kAt, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_FALSE(conflict->other_wrote);
}

TEST_P(GlobalShadowRules, AnotherBlocksReadIsNotHiddenByOnesOwn) {
  for (const std::uint32_t last : {3u, 4u, 5u}) {
    const std::uint64_t at = kAt + 4 * last;
    for (const std::uint32_t reader : {3u, 4u, 5u}) {
      if (reader != last) {
        EXPECT_FALSE(shadow_.read(thread(reader), at, 4));
      }
    }
    EXPECT_FALSE(shadow_.read(thread(last), at, 4));
    for (const std::uint32_t writer : {3u, 4u, 5u})
      EXPECT_TRUE(shadow_.write(thread(writer), at, 4).has_value()) << writer << " after " << last;
  }
}

TEST_P(GlobalShadowRules, WithinABlockABarrierOrders) {
  EXPECT_FALSE(shadow_.write(thread(3, 0), kAt, 4));
  EXPECT_TRUE(shadow_.read(thread(3, 1), kAt, 4).has_value());
  EXPECT_FALSE(shadow_.read(after_barrier(thread(3, 1)), kAt, 4));
  EXPECT_TRUE(shadow_.write(after_barrier(thread(3, 0)), kAt, 4).has_value()) << "the read";
}

TEST_P(GlobalShadowRules, AWarpSyncOrdersItsWarp) {
  EXPECT_FALSE(shadow_.write(thread(3, 1, 0), kAt, 4));
  EXPECT_TRUE(shadow_.read(thread(3, 1, 1), kAt, 4).has_value());
  GlobalAccess access = thread(3, 1, 1);
  access.warp_time = kTime + 1;
  EXPECT_FALSE(shadow_.read(access, kAt, 4));
}

TEST_P(GlobalShadowRules, ClocksOrderBlocksAndWarps) {
  EXPECT_FALSE(shadow_.write(thread(3, 1), kAt, 4));
  VectorClock clock;
  clock.learn(3, 1, kTime + 1);
  GlobalAccess access = thread(4);
  access.clock = &clock;
  EXPECT_FALSE(shadow_.read(access, kAt, 4));
  EXPECT_FALSE(shadow_.write(thread(3, 2), kAt + 4, 4));
  EXPECT_TRUE(shadow_.read(access, kAt + 4, 4).has_value()) << "another warp";
  std::array<std::uint32_t, kMaxWarps> known{};
  known[2] = kTime + 1;
  GlobalAccess sibling = thread(3, 5);
  sibling.known = known.data();
  EXPECT_FALSE(shadow_.read(sibling, kAt + 4, 4));
}

TEST_P(GlobalShadowRules, StrongAccessesDoNotRaceWithEachOther) {
  EXPECT_FALSE(shadow_.write(strong(3), kAt, 4));
  EXPECT_FALSE(shadow_.write(strong(4), kAt, 4));
  EXPECT_FALSE(shadow_.read(strong(5), kAt, 4));
  EXPECT_TRUE(shadow_.read(thread(6), kAt, 4).has_value());
  EXPECT_TRUE(shadow_.write(thread(6), kAt, 4).has_value());
  EXPECT_FALSE(shadow_.read(thread(7), kAt + 4, 4));
  EXPECT_TRUE(shadow_.write(strong(6), kAt + 4, 4).has_value()) << "a weak read";
}

TEST_P(GlobalShadowRules, AScopeOfTheBlockIsNotEnoughForTwo) {
  EXPECT_FALSE(shadow_.write(narrow(3), kAt, 4));
  EXPECT_FALSE(shadow_.write(narrow(3), kAt, 4));
  EXPECT_TRUE(shadow_.write(narrow(4), kAt, 4).has_value());
  EXPECT_TRUE(shadow_.write(strong(4), kAt, 4).has_value());
}

TEST_P(GlobalShadowRules, AStrongWriteDoesNotHideAWeakOneBeforeIt) {
  EXPECT_FALSE(shadow_.write(thread(3), kAt, 4));
  EXPECT_FALSE(shadow_.write(strong(3), kAt, 4));
  const auto conflict = shadow_.write(strong(4), kAt, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->other & global_tag::kStrong, 0u);
  EXPECT_FALSE(shadow_.write(thread(3), kAt, 4));
  EXPECT_FALSE(shadow_.write(strong(3), kAt + 4, 4));
  EXPECT_FALSE(shadow_.write(strong(4), kAt + 4, 4)) << "no weak write before";
}

TEST_P(GlobalShadowRules, WhoSawAStrongWriteIsOrderedAfterIt) {
  EXPECT_FALSE(shadow_.write(strong(3), kAt, 4));
  for (const std::uint32_t block : {4u, 5u, 6u, 7u}) {
    EXPECT_FALSE(shadow_.read(strong(block), kAt, 4));
    EXPECT_FALSE(shadow_.read(thread(block), kAt, 4));
    EXPECT_FALSE(shadow_.read(thread(block), kAt, 4)) << "the weak read does not hide the strong";
  }
}

TEST_P(GlobalShadowRules, ALaneThatReadsItsOwnStrongWriteOrdersNobody) {
  EXPECT_FALSE(shadow_.write(strong(3, 0, 0), kAt, 4));
  EXPECT_FALSE(shadow_.read(thread(3, 0, 0), kAt, 4));
  EXPECT_TRUE(shadow_.read(thread(3, 0, 1), kAt, 4).has_value());
}

TEST_P(GlobalShadowRules, AWarpThatSawAStrongWriteMayReadItWeakly) {
  EXPECT_FALSE(shadow_.write(strong(3), kAt, 4));
  for (const std::uint32_t lane : {0u, 1u, 2u})
    EXPECT_FALSE(shadow_.read(strong(4, 1, lane), kAt, 4));
  for (const std::uint32_t lane : {0u, 1u, 2u})
    EXPECT_FALSE(shadow_.read(thread(4, 1, lane), kAt, 4)) << lane;
  EXPECT_TRUE(shadow_.read(thread(5, 1), kAt, 4).has_value());
}

TEST_P(GlobalShadowRules, NcBytesAreNotWrittenInTheSameLaunch) {
  EXPECT_FALSE(shadow_.read(through_nc(3), kAt, 4));
  const auto write = shadow_.write(after_barrier(thread(3)), kAt, 4);
  ASSERT_TRUE(write.has_value()) << "a barrier does not help";
  EXPECT_EQ(write->kind, Kind::nc);
  EXPECT_FALSE(write->other_wrote);
  EXPECT_FALSE(shadow_.write(thread(3), kAt + 4, 4));
  const auto read = shadow_.read(after_barrier(through_nc(3)), kAt + 4, 4);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->kind, Kind::nc);
  EXPECT_TRUE(read->other_wrote);
}

TEST_P(GlobalShadowRules, BytesAndHalvesOfAWordAreApart) {
  EXPECT_FALSE(shadow_.write(thread(2), kAt + 8, 4)) << "before the cells are split";
  EXPECT_FALSE(shadow_.write(thread(3), kAt, 2));
  EXPECT_FALSE(shadow_.write(thread(4), kAt + 2, 2));
  EXPECT_FALSE(shadow_.write(thread(5), kAt + 5, 1));
  EXPECT_TRUE(shadow_.read(thread(3), kAt + 2, 1).has_value());
  const auto wide = shadow_.read(thread(3), kAt, 8);
  ASSERT_TRUE(wide.has_value());
  EXPECT_EQ(wide->address, kAt + 2) << "the first byte that races";
  EXPECT_EQ(shadow_.read(thread(6), kAt + 8, 8)->address, kAt + 8) << "what was known stays";
}

TEST_P(GlobalShadowRules, ARunIsTheSameAsItsLanes) {
  // Over the edge of a page, whose first cells another page's neighbour shares.
  constexpr std::uint64_t kEdge = 0x7f0000003000 - 64;
  for (const std::uint32_t size : {4u, 8u, 16u}) {
    GlobalShadow run(false);
    ASSERT_TRUE(run.write_run(thread(3, 1), kEdge, size, 32));
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      const std::uint64_t at = kEdge + lane * size;
      EXPECT_FALSE(run.read(thread(3, 1, lane), at, size)) << lane;
      EXPECT_TRUE(run.read(thread(3, 1, lane ^ 1), at + size - 4, 4).has_value()) << lane;
    }
    EXPECT_TRUE(run.write_run(thread(3, 1), kEdge, size, 32)) << "again, by the same threads";
    EXPECT_FALSE(run.read_run(thread(3, 2), kEdge, size, 32)) << "another warp: to be looked at";
    EXPECT_FALSE(run.write_run(thread(4, 1), kEdge, size, 32)) << "another block: to be looked at";
  }
}

TEST_P(GlobalShadowRules, ARunMayBeAPartOfAWarp) {
  GlobalShadow run(false);
  ASSERT_TRUE(run.write_run(thread(3, 1, 8), kAt, 4, 4));
  EXPECT_FALSE(run.read(thread(3, 1, 11), kAt + 12, 4));
  EXPECT_TRUE(run.read(thread(3, 1, 12), kAt + 12, 4).has_value());
  EXPECT_FALSE(run.read(thread(3, 1, 12), kAt + 16, 4)) << "behind the run";
}

TEST_P(GlobalShadowRules, RunsOfReadersAreSeenByWriters) {
  GlobalShadow run(false);
  EXPECT_FALSE(run.read_run(thread(3), kAt, 4, 32)) << "the first read of a page goes lane by lane";
  EXPECT_FALSE(run.read(thread(3), kAt + 1024, 4));
  ASSERT_TRUE(run.read_run(thread(3), kAt, 4, 32));
  EXPECT_TRUE(run.write(thread(4), kAt + 4 * 31, 4).has_value());
  EXPECT_FALSE(run.write(thread(3, 0, 31), kAt + 4 * 31, 4));
  EXPECT_TRUE(run.write(thread(3, 0, 30), kAt + 4 * 29, 4).has_value());
}

TEST_P(GlobalShadowRules, WithoutRoomNothingIsReported) {
  GlobalShadow none(GetParam(), 0);
  EXPECT_FALSE(none.write(thread(3), kAt, 4));
  EXPECT_FALSE(none.write(thread(4), kAt, 4));
  EXPECT_FALSE(none.write_run(thread(4), kAt, 4, 32));
}

}  // namespace
}  // namespace attest::ptx
