// Who is ordered after whom: releases and acquires in their spellings, scopes, chains of atomics,
// barriers of some warps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/ordering.h"

#include <gtest/gtest.h>

namespace attest::ptx {
namespace {

constexpr MemoryOrder kRelaxed{.is_strong = true};
constexpr MemoryOrder kRelease{.is_strong = true, .releases = true};
constexpr MemoryOrder kAcquire{.is_strong = true, .acquires = true};
constexpr std::uint64_t kFlag = 0x7f0000001000;
constexpr std::uint64_t kOther = 0x7f0000002000;

/// Two blocks of one launch.
class Ordering : public testing::Test {
 protected:
  struct Block {
    SharedMemory shared;
    BlockOrder order;
  };
  void SetUp() override {
    for (std::uint32_t n = 0; n < 2; ++n) {
      block_[n].shared.reset(64, true, false);
      block_[n].order.start(n, &block_[n].shared, &published_);
    }
  }
  void access(std::uint32_t block,
              Effect effect,
              MemoryOrder order,
              std::uint64_t address = kFlag,
              std::uint32_t warp = 0,
              std::uint32_t lane = 0) {
    block_[block].order.access(warp, lane, Space::global, address, effect, order);
  }
  void fence(std::uint32_t block,
             Fence fence = {},
             std::uint32_t lanes = 1,
             std::uint32_t warp = 0) {
    block_[block].order.fence(warp, lanes, fence);
  }
  /// What `warp` of block 0 does at this moment; later code asks whether block 1 knows of it.
  [[nodiscard]] std::uint32_t now() const { return block_[0].shared.now(); }
  [[nodiscard]] bool knows(std::uint32_t time, std::uint32_t warp = 0, std::uint32_t reader = 0) {
    const VectorClock* clock = block_[1].order.clock(reader);
    return clock != nullptr && clock->covers(0, warp, time);
  }

  Block block_[2];
  Publications published_;
};

TEST_F(Ordering, AReleaseIsSeenByAnAcquireOfTheSameAddress) {
  const std::uint32_t before = now();
  access(0, Effect::write, kRelease);
  const std::uint32_t after = now();
  access(1, Effect::read, kAcquire, kOther);
  EXPECT_FALSE(knows(before));
  access(1, Effect::read, kAcquire);
  EXPECT_TRUE(knows(before));
  EXPECT_FALSE(knows(after));
  EXPECT_FALSE(knows(before, 1)) << "another warp of the releasing block";
  EXPECT_FALSE(knows(before, 0, 1)) << "another warp of the acquiring block";
}

TEST_F(Ordering, FencesMakeRelaxedAccessesReleaseAndAcquire) {
  const std::uint32_t before = now();
  fence(0);
  const std::uint32_t between = now();
  access(0, Effect::write, kRelaxed);
  access(1, Effect::read, kRelaxed);
  EXPECT_FALSE(knows(before)) << "no fence after the read yet";
  fence(1, {}, 2);
  EXPECT_FALSE(knows(before)) << "a fence of another lane";
  fence(1);
  EXPECT_TRUE(knows(before));
  EXPECT_FALSE(knows(between)) << "what follows the fence is not released";
}

TEST_F(Ordering, WithoutAFenceBeforeItAWriteReleasesNothing) {
  const std::uint32_t before = now();
  access(0, Effect::write, kRelaxed);
  fence(0);
  access(1, Effect::read, kAcquire);
  EXPECT_FALSE(knows(before));
  fence(0, {}, 1u << 5);
  access(0, Effect::write, kRelaxed);
  access(1, Effect::read, kAcquire);
  EXPECT_TRUE(knows(before)) << "lane 0 had its fence";
}

TEST_F(Ordering, HalfFences) {
  const std::uint32_t before = now();
  fence(0, {.acquires = true, .releases = false});
  access(0, Effect::write, kRelaxed);
  access(1, Effect::read, kRelaxed);
  fence(1);
  EXPECT_FALSE(knows(before)) << "an acquiring fence does not release";
  fence(0, {.acquires = false, .releases = true});
  access(0, Effect::write, kRelaxed);
  access(1, Effect::read, kRelaxed);
  fence(1, {.acquires = false, .releases = true});
  EXPECT_FALSE(knows(before)) << "a releasing fence does not acquire";
  fence(1);
  EXPECT_TRUE(knows(before));
}

TEST_F(Ordering, AtomicsHandOnWhatTheyFindAndAnotherWriteEndsIt) {
  const std::uint32_t before = now();
  access(0, Effect::update, kRelease);
  access(0, Effect::update, kRelaxed, kFlag, 3);
  access(1, Effect::read, kAcquire);
  EXPECT_TRUE(knows(before));
  access(0, Effect::write, kRelaxed, kFlag, 3);
  access(1, Effect::read, kAcquire, kFlag, 1);
  EXPECT_FALSE(knows(before, 0, 1));
}

TEST_F(Ordering, AScopeOfTheBlockIsNotSeenByOthers) {
  const std::uint32_t before = now();
  access(0, Effect::write, {.is_strong = true, .releases = true, .is_cta = true});
  access(1, Effect::read, kAcquire);
  EXPECT_FALSE(knows(before)) << "st.release.cta";
  fence(0, {.is_cta = true});
  access(0, Effect::write, kRelaxed);
  access(1, Effect::read, kAcquire);
  EXPECT_FALSE(knows(before)) << "membar.cta";
  access(0, Effect::write, kRelease);
  access(1, Effect::read, {.is_strong = true, .acquires = true, .is_cta = true});
  EXPECT_FALSE(knows(before)) << "ld.acquire.cta";
  access(1, Effect::read, kRelaxed);
  fence(1, {.is_cta = true});
  EXPECT_FALSE(knows(before)) << "membar.cta after the read";
  access(1, Effect::read, kAcquire);
  EXPECT_TRUE(knows(before));
}

TEST_F(Ordering, AScopeOfTheBlockIsSeenInIt) {
  const std::uint32_t before = now();
  access(0, Effect::write, {.is_strong = true, .releases = true, .is_cta = true});
  access(0, Effect::read, {.is_strong = true, .acquires = true, .is_cta = true}, kFlag, 4);
  ASSERT_NE(block_[0].order.known(4), nullptr);
  EXPECT_GT(block_[0].order.known(4)[0], before);
}

TEST_F(Ordering, WhatABarrierOrderedIsReleasedToo) {
  const std::uint32_t before = now();
  block_[0].shared.barrier();
  block_[0].order.barrier();
  access(0, Effect::write, kRelease);
  access(1, Effect::read, kAcquire);
  EXPECT_TRUE(knows(before, 31)) << "every warp, up to the barrier";
}

TEST_F(Ordering, ABarrierHandsOnWhatOneWarpAcquired) {
  const std::uint32_t before = now();
  access(0, Effect::write, kRelease);
  access(1, Effect::read, kAcquire, kFlag, 2);
  EXPECT_FALSE(knows(before, 0, 7));
  block_[1].shared.barrier();
  block_[1].order.barrier();
  EXPECT_TRUE(knows(before, 0, 7));
}

TEST_F(Ordering, ATicketBeforeABarrierIsAcquired) {
  const std::uint32_t before = now();
  fence(0);
  access(0, Effect::update, kRelaxed);
  access(1, Effect::update, kRelaxed, kFlag, 2);
  block_[1].shared.barrier();
  block_[1].order.barrier();
  EXPECT_TRUE(knows(before, 0, 7));
}

TEST_F(Ordering, ALockHeldByASiblingLane) {
  const std::uint32_t before = now();
  fence(0);
  access(0, Effect::update, kRelaxed);
  access(0, Effect::update, kRelaxed, kFlag, 0, 9);
  const std::uint32_t* known = block_[0].order.known(0);
  EXPECT_LE(known[0], before) << "not yet acquired";
  fence(0, {}, 1u << 9);
  EXPECT_GT(known[0], before);
}

TEST_F(Ordering, ABarrierOfSomeWarpsOrdersThem) {
  BlockOrder& order = block_[0].order;
  const std::uint32_t before = now();
  BlockOrder::Gathered arrived;
  order.gather(1, &arrived);  // arrives
  const std::uint32_t after = now();
  order.gather(2, &arrived);  // waits
  order.learn(2, arrived);
  EXPECT_GT(order.known(2)[1], before);
  EXPECT_LE(order.known(2)[1], after) << "what warp 1 did after it arrived";
  EXPECT_EQ(order.known(1)[2], 0u) << "who arrives waits for nobody";
  EXPECT_EQ(order.known(2)[3], 0u) << "who did not come";
}

TEST_F(Ordering, SharedMemoryHasFlagsToo) {
  const std::uint32_t before = now();
  BlockOrder& order = block_[0].order;
  order.access(0, 0, Space::shared, 16, Effect::write, kRelease);
  order.access(1, 0, Space::shared, 16, Effect::read, kAcquire);
  EXPECT_GT(order.known(1)[0], before);
  block_[1].order.access(1, 0, Space::shared, 16, Effect::read, kAcquire);
  EXPECT_FALSE(knows(before, 0, 1)) << "the other block has its own";
}

TEST_F(Ordering, ANewBlockKnowsNothing) {
  access(0, Effect::write, kRelease);
  access(1, Effect::read, kAcquire);
  block_[1].shared.reset(64, true, false);
  block_[1].order.start(2, &block_[1].shared, &published_);
  EXPECT_EQ(block_[1].order.clock(0), nullptr);
  EXPECT_EQ(block_[1].order.known(0), nullptr);
}

}  // namespace
}  // namespace attest::ptx
