// Turns of lanes, warps and blocks that wait for each other; waits that cannot end; residency.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"
#include "harness/ptx/machine/device.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx {
namespace {

TEST(Schedule, ALaneWaitsForASibling) {
  // Lanes 0..30 wait, at the lower address, for what lane 31 writes after a detour.
  const std::string body =
      "setp.eq.u32 %p, %lane, 31; @%p bra GIVE;\n"
      "WAIT: ld.volatile.shared.u32 %r0, [%s]; setp.eq.u32 %q, %r0, 7; @!%q bra WAIT; bra OUT;\n"
      "GIVE: mov.u32 %r1, 0; LOOP: add.u32 %r1, %r1, 1; setp.lt.u32 %q, %r1, 100; @%q bra LOOP;\n"
      "mov.u32 %r2, 7; st.volatile.shared.u32 [%s], %r2;\n"
      "OUT: setp.eq.u32 %p, %lane, 0; @%p st.global.u32 [%out], %r0;";
  const std::string with_zero =
      "setp.eq.u32 %p, %lane, 0; mov.u32 %r3, 0; @%p st.volatile.shared.u32 [%s], %r3;\n"
      "bar.warp.sync 0xffffffff;\n" +
      body;
  for (std::uint64_t schedule = 0; schedule <= kSchedules; ++schedule) {
    LaunchOptions options;
    options.schedule = schedule;
    options.is_checked = false;  // a race, by the letter: nothing orders the store and the load
    const Outcome o = run_text(kernel(with_zero), launch_of(1, 32), options);
    ASSERT_FALSE(o.finding) << describe(*o.finding);
    EXPECT_EQ(o.words[0], 7u);
  }
}

TEST(Schedule, BlocksWaitForLaterOnes) {
  // Block k waits for block k + 1; the last one writes first.
  const std::string body =
      "mov.b64 %at, {%cta, 0}; shl.b64 %at, %at, 2; add.u64 %at, %at, %out;\n"
      "add.u32 %r0, %cta, 1; mov.u32 %r2, 1; setp.eq.u32 %p, %r0, %ctas; @%p bra MINE;\n"
      "WAIT: ld.volatile.global.u32 %r1, [%at+4]; setp.eq.u32 %q, %r1, 0; @%q bra WAIT;\n"
      "add.u32 %r2, %r1, 1;\n"
      "MINE: st.volatile.global.u32 [%at], %r2;";
  expect_ends(body, launch_of(200, 32), [](const std::vector<std::uint32_t>& words) {
    for (std::uint32_t n = 0; n < 200; ++n) {
      if (words[n] != 200 - n) return false;
    }
    return true;
  });
}

TEST(Schedule, AWaitWithoutPollingInstructionsEndsToo) {
  // Weak loads: nothing says that they wait.
  const std::string body =
      "setp.ne.u32 %p, %cta, 0; @%p bra GIVE;\n"
      "WAIT: ld.global.u32 %r1, [%out]; setp.eq.u32 %q, %r1, 0; @%q bra WAIT; bra OUT;\n"
      "GIVE: mov.u32 %r2, 5; st.global.u32 [%out], %r2; OUT:";
  LaunchOptions options;
  options.is_checked = false;  // a race between blocks
  const Outcome o = run_text(kernel(body), launch_of(2, 32), options);
  ASSERT_FALSE(o.finding) << describe(*o.finding);
  EXPECT_EQ(o.words[0], 5u);
}

TEST(Schedule, AWaitForNobodyIsFound) {
  expect_stalls(
      "WAIT: nanosleep.u32 20;\n"
      "ld.volatile.global.u32 %r1, [%out+64]; //!\n"
      "setp.eq.u32 %q, %r1, 0; @%q bra WAIT;",
      launch_of(1, 64));
}

TEST(Schedule, AWaitAmongBarriersIsFound) {
  // Warps other than 0 of every block are at the barrier that warp 0 never comes to.
  expect_stalls(
      "setp.ne.u32 %p, %tid, 0; @%p bra SYNC;\n"
      "WAIT: ld.acquire.gpu.global.u32 %r1, [%out]; //!\n"
      "setp.eq.u32 %q, %r1, 0; @%q bra WAIT;\n"
      "SYNC: barrier.sync 0; st.global.u32 [%out], %r1;",
      launch_of(3, 128));
}

TEST(Schedule, AWaitInStepsOfSeveralTurnsIsFound) {
  // The registers come back to what they were after 7 loads.
  expect_stalls(
      "mov.u32 %r0, 0;\n"
      "WAIT: ld.volatile.global.u32 %r1, [%out]; //!\n"
      "add.u32 %r0, %r0, 1; setp.eq.u32 %p, %r0, 7; @%p mov.u32 %r0, 0;\n"
      "setp.eq.u32 %q, %r1, 0; @%q bra WAIT;",
      launch_of(2, 64));
}

TEST(Schedule, AWaitThatGivesUpIsNone) {
  // Nobody writes, but it counts: not a finding, however long it takes.
  const std::string body =
      "mov.u32 %r0, 0;\n"
      "WAIT: ld.volatile.global.u32 %r1, [%out]; add.u32 %r0, %r0, 1;\n"
      "setp.lt.u32 %q, %r0, 2000; @%q bra WAIT;\n"
      "mov.b64 %at, {%cta, 0}; shl.b64 %at, %at, 2; add.u64 %at, %at, %out;\n"
      "setp.eq.u32 %p, %tid, 0; @%p st.global.u32 [%at+4], %r0;";
  expect_ends(body, launch_of(3, 64), [](const std::vector<std::uint32_t>& words) {
    return words[1] == 2000 && words[2] == 2000 && words[3] == 2000;
  });
}

TEST(Schedule, BlocksThatFindNoRoomAreNamed) {
  // Every block waits for the last one, and more than A100 holds of them are before it.
  const std::string body =
      "add.u32 %r0, %cta, 1; setp.eq.u32 %p, %r0, %ctas; @%p bra GIVE;\n"
      "WAIT: ld.volatile.global.u32 %r1, [%out]; setp.eq.u32 %q, %r1, 0; @%q bra WAIT; bra OUT;\n"
      "GIVE: st.volatile.global.u32 [%out], %r0; OUT:";
  const Launch launch = launch_of(217, 1024);  // 108 multiprocessors hold two each
  const Outcome stuck = run(body, launch, 0);
  ASSERT_TRUE(stuck.finding);
  EXPECT_EQ(stuck.finding->message,
            "every warp waits for a value that none of them writes; 1 blocks wait for one of the "
            "216 resident ones to end");
  const Outcome fits = run(body, launch_of(216, 1024), 0);
  EXPECT_FALSE(fits.finding) << describe(*fits.finding);
}

TEST(Schedule, TheStepLimitNamesWhereItRan) {
  LaunchOptions options;
  options.max_warp_instructions = 50'000;
  const std::string text = kernel(
      "setp.eq.u32 %p, %warp, 0; @%p bra SYNC;\n"
      "LOOP: add.u32 %r0, %r0, 1; //!\nbra LOOP;\n"
      "SYNC: bar.sync 0;");
  const Outcome o = run_text(text, launch_of(1, 64), options);
  ASSERT_TRUE(o.finding);
  EXPECT_EQ(o.finding->kind, FindingKind::no_progress);
  EXPECT_EQ(o.finding->message, "the launch did not end within 50000 warp instructions");
  EXPECT_EQ(o.finding->party.site.ptx_line, line_of(text, "//!")) << describe(*o.finding);
}

TEST(Residency, ACooperativeGridMustFit) {
  // 2048 threads a multiprocessor: two blocks of 1024 on each of 108.
  Launch launch = launch_of(216, 1024);
  launch.is_cooperative = true;
  EXPECT_FALSE(run("", launch, 0).finding);
  launch.grid.x = 217;
  const Outcome o = run("", launch, 0);
  ASSERT_TRUE(o.finding);
  EXPECT_EQ(o.finding->kind, FindingKind::invalid_launch);
  EXPECT_EQ(o.finding->message,
            "a cooperative grid of 217 blocks: 216 are resident at once on the 108 multiprocessors "
            "of A100");
  launch.is_cooperative = false;
  EXPECT_FALSE(run("", launch, 0).finding);
}

TEST(Residency, SharedMemoryAndTheNumberOfBlocksLimitIt) {
  EXPECT_EQ(resident_blocks(device(80), 32, 0), 108 * 32);
  // 164 KiB, 1 KiB of which goes with each block.
  EXPECT_EQ(resident_blocks(device(80), 128, 81 * 1024), 108 * 2);
  EXPECT_EQ(resident_blocks(device(80), 128, 81 * 1024 + 1), 108);
  EXPECT_EQ(resident_blocks(device(90), 33, 0), 132 * 32);
  EXPECT_EQ(resident_blocks(device(89), 1024, 0), 128);
  EXPECT_EQ(device(88).sm, 87);
  EXPECT_EQ(device(30).sm, 70);
  EXPECT_EQ(device(121).sm, 120);
}

TEST(Residency, MemoryLimitsWhatIsResident) {
  LaunchOptions options;
  options.max_resident_bytes = 1000;
  const Outcome one = run_text(kernel(""), launch_of(1, 32), options);
  ASSERT_TRUE(one.finding);
  EXPECT_EQ(one.finding->kind, FindingKind::memory_limit);
  options.max_resident_bytes = 100'000;
  Launch launch = launch_of(100, 32);
  launch.is_cooperative = true;
  const Outcome all = run_text(kernel(""), launch, options);
  ASSERT_TRUE(all.finding);
  EXPECT_EQ(all.finding->kind, FindingKind::memory_limit);
  launch.is_cooperative = false;
  EXPECT_FALSE(run_text(kernel(""), launch, options).finding);
}

TEST(Residency, OnlyACooperativeLaunchHasAWorkspace) {
  const std::string body =
      "mov.u32 %r0, %envreg1; mov.u32 %r1, %envreg2; mov.b64 %at, {%r1, %r0};\n"
      "setp.eq.u64 %p, %at, 0; @%p bra NONE; ld.global.u32 %r2, [%at+4]; add.u32 %r2, %r2, 3;\n"
      "st.global.u32 [%out], %r2; NONE:";
  Launch launch = launch_of(1, 1);
  EXPECT_EQ(run(body, launch, 0).words[0], 0u);
  launch.is_cooperative = true;
  EXPECT_EQ(run(body, launch, 0).words[0], 3u);
}

}  // namespace
}  // namespace attest::ptx
