// Locks and barriers that kernels build on atomics, between lanes, warps and blocks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// Every thread adds 1 to word 1 under the lock in word 0.
const char* const kSpinLock =
    "LOCK: atom.acquire.gpu.global.cas.b32 %r0, [%out], 0, 1; setp.ne.u32 %p, %r0, 0;\n"
    "@%p bra LOCK;\n"
    "ld.global.u32 %r1, [%out+4]; add.u32 %r1, %r1, 1; st.global.u32 [%out+4], %r1;\n"
    "mov.u32 %r2, 0; atom.release.gpu.global.exch.b32 %r3, [%out], %r2;";

/// The same, in the order of tickets: word 0 gives them, word 2 says whose turn it is.
const char* const kTicketLock =
    "atom.relaxed.gpu.global.add.u32 %r0, [%out], 1;\n"
    "WAIT: ld.acquire.gpu.global.u32 %r1, [%out+8]; setp.ne.u32 %p, %r0, %r1; @%p bra WAIT;\n"
    "ld.global.u32 %r2, [%out+4]; add.u32 %r2, %r2, 1; st.global.u32 [%out+4], %r2;\n"
    "add.u32 %r1, %r1, 1; st.release.gpu.global.u32 [%out+8], %r1;";

auto counts_to(std::uint32_t threads) {
  return [threads](const std::vector<std::uint32_t>& words) { return words[1] == threads; };
}

TEST(Locks, BetweenLanesOfAWarp) {
  expect_ends(kSpinLock, launch_of(1, 32), counts_to(32));
  expect_ends(kTicketLock, launch_of(1, 32), counts_to(32));
}

TEST(Locks, BetweenWarps) {
  expect_ends(kSpinLock, launch_of(1, 256), counts_to(256));
  expect_ends(kTicketLock, launch_of(1, 256), counts_to(256));
}

TEST(Locks, BetweenBlocks) {
  expect_ends(kSpinLock, launch_of(20, 40), counts_to(800));
  expect_ends(kTicketLock, launch_of(20, 40), counts_to(800));
}

TEST(Locks, OneThreadOfEachBlockWhileTheOthersWaitAtABarrier) {
  const std::string body =
      "setp.ne.u32 %q, %tid, 0; @%q bra SYNC;\n" + std::string(kSpinLock) + "\nSYNC: bar.sync 0;";
  expect_ends(body, launch_of(50, 128), counts_to(50));
}

TEST(Locks, WithASleepBetweenTries) {
  const std::string body =
      "bra LOCK; SLEEP: nanosleep.u32 100;\n"
      "LOCK: atom.acquire.gpu.global.cas.b32 %r0, [%out], 0, 1; setp.ne.u32 %p, %r0, 0;\n"
      "@%p bra SLEEP;\n"
      "ld.global.u32 %r1, [%out+4]; add.u32 %r1, %r1, 1; st.global.u32 [%out+4], %r1;\n"
      "mov.u32 %r2, 0; atom.release.gpu.global.exch.b32 %r3, [%out], %r2;";
  expect_ends(body, launch_of(5, 96), counts_to(480));
}

TEST(Locks, NeverReleased) {
  expect_stalls(
      "LOCK: atom.acquire.gpu.global.cas.b32 %r0, [%out], 0, 1; //!\n"
      "setp.ne.u32 %p, %r0, 0; @%p bra LOCK;",
      launch_of(2, 64));
}

TEST(Locks, TakenInOppositeOrders) {
  // Blocks 0 and 1 each hold one of two locks and want the other one.
  expect_stalls(
      "shl.b32 %r4, %cta, 2; mov.b64 %at, {%r4, 0}; add.u64 %at, %at, %out;\n"
      "xor.b32 %r4, %r4, 4; mov.b64 %d0, {%r4, 0}; add.u64 %d0, %d0, %out;\n"
      "atom.global.exch.b32 %r0, [%at], 1; atom.global.add.u32 %r0, [%out+8], 1;\n"
      "BOTH: ld.volatile.global.u32 %r0, [%out+8]; setp.ne.u32 %p, %r0, 2; @%p bra BOTH;\n"
      "OTHER: atom.global.cas.b32 %r0, [%d0], 0, 1; //!\n"
      "setp.ne.u32 %p, %r0, 0; @%p bra OTHER;",
      launch_of(2, 1));
}

TEST(Locks, ABarrierOfTheGrid) {
  // Each block adds its number; after the barrier each sees the sum. Twice, with a rising count.
  const std::string barrier =
      ": bar.sync 0; setp.ne.u32 %p, %tid, 0; @%p bra SYNC_; atom.add.acq_rel.gpu.global.u32 %r1, "
      "[%out], 1; SPIN_: ld.acquire.gpu.global.u32 %r1, [%out]; setp.lt.u32 %q, %r1, %r2;\n"
      "@%q bra SPIN_; SYNC_: bar.sync 0;\n";
  const auto numbered = [&](std::string name) {
    std::string text = name + barrier;
    for (std::size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at + 1))
      if (text[at - 1] == 'C' || text[at - 1] == 'N') text.replace(at, 1, name);
    return text;
  };
  const std::string body =
      "setp.eq.u32 %p, %tid, 0; @%p atom.global.add.u32 %r0, [%out+4], %cta; mov.u32 %r2, "
      "%ctas;\n" +
      numbered("A") + "ld.global.u32 %r3, [%out+4];\n" + "mul.lo.u32 %r2, %ctas, 2;\n" +
      numbered("B") + "setp.eq.u32 %p, %tid, 0; @%p atom.global.add.u32 %r0, [%out+4], %r3;";
  // 40 blocks: 0 + .. + 39 = 780; then each adds 780 more.
  expect_ends(body, launch_of(40, 64), counts_to(780 + 40 * 780));
}

TEST(Locks, ProducersAndConsumers) {
  // Even blocks give ten values each through a cell of their own, odd ones take and add them up.
  const std::string body =
      "shr.u32 %r0, %cta, 1; shl.b32 %r0, %r0, 3; mov.b64 %at, {%r0, 0}; add.u64 %at, %at, %out;\n"
      "and.b32 %r1, %cta, 1; setp.eq.u32 %p, %r1, 0; mov.u32 %r2, 0; mov.u32 %r5, 0;\n"
      "NEXT: add.u32 %r2, %r2, 1; @%p bra GIVE;\n"
      "FULL: ld.acquire.gpu.global.u32 %r3, [%at+64]; setp.eq.u32 %q, %r3, 0; @%q bra FULL;\n"
      "ld.global.u32 %r4, [%at+68]; add.u32 %r5, %r5, %r4; mov.u32 %r3, 0;\n"
      "st.release.gpu.global.u32 [%at+64], %r3; bra TURN;\n"
      "GIVE: ld.acquire.gpu.global.u32 %r3, [%at+64]; setp.ne.u32 %q, %r3, 0; @%q bra GIVE;\n"
      "add.u32 %r4, %r2, %cta; st.global.u32 [%at+68], %r4; mov.u32 %r3, 1;\n"
      "st.release.gpu.global.u32 [%at+64], %r3;\n"
      "TURN: setp.lt.u32 %q, %r2, 10; @%q bra NEXT;\n"
      "@!%p atom.global.add.u32 %r3, [%out+4], %r5;";
  // Block 2n gives 1 + 2n .. 10 + 2n: 55 + 20 n; for n = 0..7: 440 + 20 * 28.
  expect_ends(body, launch_of(16, 1), counts_to(440 + 560));
}

}  // namespace
}  // namespace attest::ptx
