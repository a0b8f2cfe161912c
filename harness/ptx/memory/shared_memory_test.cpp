// The shadow's rules one by one: order by barrier, by warp sync and by thread; bytes; copies.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/shared_memory.h"

#include <gtest/gtest.h>

#include <array>

namespace attest::ptx {
namespace {

using Kind = Conflict::Kind;

SharedAccess thread(std::uint32_t warp, std::uint32_t lane, std::uint32_t warp_clock = 0) {
  return {tag::party(warp, lane), warp_clock, 0};
}

/// 64 bytes, checked; with and without sites the verdicts are the same.
class Shadow : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { memory_.reset(64, true, GetParam()); }
  SharedMemory memory_;
};

INSTANTIATE_TEST_SUITE_P(Sites, Shadow, testing::Bool());

TEST_P(Shadow, ReadNeedsAWrite) {
  const auto conflict = memory_.read(thread(0, 0), 8, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->kind, Kind::uninitialised);
  EXPECT_EQ(conflict->address, 8u);
  EXPECT_FALSE(memory_.write(thread(0, 0), 8, 4));
  EXPECT_FALSE(memory_.read(thread(0, 0), 8, 4));
}

TEST_P(Shadow, NamesTheFirstUninitialisedByte) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 8, 2));
  const auto conflict = memory_.read(thread(0, 0), 8, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->address, 10u);
}

TEST_P(Shadow, AThreadIsOrderedWithItself) {
  EXPECT_FALSE(memory_.write(thread(1, 3), 0, 4));
  EXPECT_FALSE(memory_.read(thread(1, 3), 0, 4));
  EXPECT_FALSE(memory_.write(thread(1, 3), 0, 4));
}

TEST_P(Shadow, AnotherThreadNeedsABarrier) {
  EXPECT_FALSE(memory_.write(thread(1, 3), 0, 4));
  const auto conflict = memory_.read(thread(2, 3), 0, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_EQ(conflict->kind, Kind::race);
  EXPECT_EQ(tag::warp(conflict->other), 1u);
  EXPECT_EQ(tag::lane(conflict->other), 3u);
  EXPECT_TRUE(conflict->other_wrote);
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(2, 3), 0, 4));
}

TEST_P(Shadow, AWriteAfterAnotherThreadsReadNeedsABarrier) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(0, 1), 0, 4));
  const auto conflict = memory_.write(thread(0, 0), 0, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_FALSE(conflict->other_wrote);
  memory_.barrier();
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
}

TEST_P(Shadow, AWarpSyncOrdersItsWarpOnly) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  const std::uint32_t clock = memory_.warp_sync();
  EXPECT_FALSE(memory_.read(thread(0, 1, clock), 0, 4));
  EXPECT_TRUE(memory_.read(thread(1, 1, clock), 0, 4).has_value());
}

TEST_P(Shadow, ReadersOfOneWarpAreOrderedByItsSync) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(0, 1), 0, 4));
  EXPECT_FALSE(memory_.read(thread(0, 2), 0, 4));
  EXPECT_TRUE(memory_.write(thread(0, 3), 0, 4).has_value());
  const std::uint32_t clock = memory_.warp_sync();
  EXPECT_FALSE(memory_.write(thread(0, 3, clock), 0, 4));
}

TEST_P(Shadow, ReadersOfSeveralWarpsAreNot) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(1, 1), 0, 4));
  EXPECT_FALSE(memory_.read(thread(0, 1), 0, 4));
  const std::uint32_t clock = memory_.warp_sync();
  EXPECT_TRUE(memory_.write(thread(0, 1, clock), 0, 4).has_value());
}

TEST_P(Shadow, BytesOfAWordAreApart) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 2));
  EXPECT_FALSE(memory_.write(thread(0, 1), 2, 2));
  EXPECT_FALSE(memory_.read(thread(0, 1), 2, 2));
  EXPECT_TRUE(memory_.read(thread(0, 1), 1, 1).has_value());
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(0, 5), 0, 4));
}

TEST_P(Shadow, ACopyIsPoisonUntilItIsDelivered) {
  const std::array<std::byte, 16> ones = [] {
    std::array<std::byte, 16> a{};
    a.fill(std::byte{1});
    return a;
  }();
  EXPECT_FALSE(memory_.begin_copy(thread(0, 0), 16, 16));
  EXPECT_EQ(memory_.data()[16], std::byte{0xff});
  const auto read = memory_.read(thread(0, 0), 20, 4);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->kind, Kind::async_unwaited);
  EXPECT_EQ(memory_.write(thread(0, 0), 16, 4)->kind, Kind::async_unwaited);
  memory_.barrier();  // a barrier is not a wait
  EXPECT_TRUE(memory_.read(thread(0, 0), 20, 4).has_value());
  memory_.deliver_copy(thread(0, 0), 16, 16, ones.data());
  EXPECT_EQ(memory_.data()[16], std::byte{1});
  EXPECT_FALSE(memory_.read(thread(0, 0), 20, 4));
  EXPECT_EQ(memory_.read(thread(0, 1), 16, 4)->kind, Kind::race);
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(0, 1), 24, 4));
}

SharedAccess strong(std::uint32_t warp, std::uint32_t lane) {
  SharedAccess access = thread(warp, lane);
  access.is_strong = true;
  return access;
}

TEST_P(Shadow, StrongAccessesDoNotRaceWithEachOther) {
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  EXPECT_FALSE(memory_.read(strong(1, 0), 0, 4));
  EXPECT_FALSE(memory_.write(strong(2, 0), 0, 4));
}

TEST_P(Shadow, AWeakAccessRacesWithAStrongOne) {
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  EXPECT_EQ(memory_.read(thread(1, 0), 0, 4)->kind, Kind::race);
  EXPECT_EQ(memory_.write(thread(1, 0), 0, 4)->kind, Kind::race);
  memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(1, 0), 0, 4));
  EXPECT_EQ(memory_.write(strong(0, 0), 0, 4)->kind, Kind::race) << "a weak read";
  memory_.barrier();
  EXPECT_FALSE(memory_.read(strong(0, 0), 0, 4));
  const auto conflict = memory_.write(thread(1, 0), 0, 4);
  ASSERT_TRUE(conflict.has_value()) << "a strong read";
  EXPECT_FALSE(conflict->other_wrote);
}

TEST_P(Shadow, AStrongWriteDoesNotHideAWeakOneBeforeIt) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  const auto conflict = memory_.write(strong(1, 0), 0, 4);
  ASSERT_TRUE(conflict.has_value());
  EXPECT_TRUE(conflict->other_wrote);
  memory_.barrier();
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  EXPECT_FALSE(memory_.write(strong(1, 0), 0, 4));
}

TEST_P(Shadow, ANewBlockStartsAfresh) {
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  EXPECT_FALSE(memory_.begin_copy(thread(0, 0), 16, 16));
  memory_.reset(64, true, GetParam());
  EXPECT_EQ(memory_.read(thread(1, 0), 0, 4)->kind, Kind::uninitialised);
  EXPECT_FALSE(memory_.write(thread(1, 0), 0, 2));
  EXPECT_FALSE(memory_.write(thread(1, 0), 16, 2));
  EXPECT_FALSE(memory_.read(thread(1, 0), 16, 2));
}

TEST_P(Shadow, AStrongReadOrdersTheWriteThatItSaw) {
  EXPECT_FALSE(memory_.write(strong(0, 0), 0, 4));
  EXPECT_FALSE(memory_.read(strong(1, 0), 0, 4));
  EXPECT_FALSE(memory_.read(thread(1, 0), 0, 4));
  EXPECT_EQ(memory_.read(thread(2, 0), 0, 4)->kind, Kind::race);
}

TEST_P(Shadow, KnownTimesOrderSingleWarps) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  std::array<std::uint32_t, kMaxWarps> known{};
  known[0] = memory_.advance();
  SharedAccess access = thread(1, 0);
  access.known = known.data();
  EXPECT_FALSE(memory_.read(access, 0, 4));
  EXPECT_FALSE(memory_.write(thread(0, 0), 4, 4));
  EXPECT_TRUE(memory_.read(access, 4, 4).has_value()) << "written since";
}

TEST_P(Shadow, TimesGoOnWhenTheClockWraps) {
  std::uint32_t last = memory_.now();
  for (std::uint32_t n = 0; n < 2 * tag::kMaxClock; ++n) {
    ASSERT_EQ(memory_.advance(), last + 1);
    ++last;
  }
}

TEST_P(Shadow, ManyBarriersLoseNothing) {
  EXPECT_FALSE(memory_.write(thread(0, 0), 0, 4));
  for (std::uint32_t n = 0; n < 3 * tag::kMaxClock; ++n)
    memory_.barrier();
  EXPECT_FALSE(memory_.read(thread(1, 0), 0, 4));
  EXPECT_TRUE(memory_.write(thread(0, 0), 0, 4).has_value());
  EXPECT_EQ(memory_.read(thread(0, 0), 4, 4)->kind, Kind::uninitialised);
}

TEST(SharedMemory, WithoutChecksNothingIsReported) {
  SharedMemory memory;
  memory.reset(64, false, false);
  EXPECT_FALSE(memory.read(thread(0, 0), 0, 4));
  EXPECT_FALSE(memory.write(thread(0, 1), 0, 4));
  EXPECT_FALSE(memory.write(thread(1, 1), 0, 4));
}

TEST(Tag, MergeKeepsOneLaneOrSaysSeveral) {
  const std::uint32_t floor = tag::make(5, 0);
  const std::uint32_t me = tag::make(6, tag::party(2, 7));
  EXPECT_EQ(tag::merge(tag::make(4, tag::party(1, 1)), me, floor), me) << "older than the floor";
  EXPECT_EQ(tag::merge(me, me, floor), me) << "the same lane";
  const std::uint32_t same_warp = tag::merge(tag::make(5, tag::party(2, 1)), me, floor);
  EXPECT_NE(same_warp & tag::kSeveralLanes, 0u);
  EXPECT_EQ(tag::warp(same_warp), 2u);
  EXPECT_EQ(tag::merge(tag::make(5, tag::party(3, 7)), me, floor) & tag::kPartyMask,
            tag::kSeveralWarps);
}

}  // namespace
}  // namespace attest::ptx
