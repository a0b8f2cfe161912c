// Barriers between the warps of a block: parts of it, arrivals, votes; in several orders of warps.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr std::uint64_t kSchedules = 8;

struct Outcome {
  std::optional<Finding> finding;
  std::vector<std::uint32_t> values;  // one per thread
};

/// Runs one block; `body` knows %tid and %warp, a shared array s of 128 words, the address %mine of
/// the thread's own word in it, and leaves its result in %value.
Outcome run(const std::string& body, std::uint32_t threads, std::uint64_t schedule) {
  const std::string text =
      ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry e(.param .u64 out)\n{\n"
      ".reg .b32 %tid, %warp, %mine, %value, %a, %b, %n; .reg .b64 %out, %at; .reg .pred %p, %q;\n"
      ".shared .align 4 .b8 s[512];\nmov.u32 %tid, %tid.x; shr.u32 %warp, %tid, 5;\n"
      "shl.b32 %a, %tid, 2; mov.u32 %mine, s; add.u32 %mine, %mine, %a; mov.u32 %value, 0;\n" +
      body +
      "\nld.param.u64 %out, [out]; mov.b64 %at, {%tid, 0}; shl.b64 %at, %at, 2;\n"
      "add.u64 %at, %at, %out; st.global.u32 [%at], %value;\nret;\n}\n";
  const auto module = parse_module(text, "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  const auto program = decode(*module, "t", "e");
  EXPECT_TRUE(program.has_value()) << program.error().to_string();
  GlobalMemory memory;
  const std::uint64_t base = memory.allocate("out", threads * 4, 0, {}, true);
  Launch launch;
  launch.block = {threads, 1, 1};
  launch.parameters.resize(8);
  std::memcpy(launch.parameters.data(), &base, 8);
  LaunchOptions options;
  options.schedule = schedule;
  Grid grid(**program, launch, memory, options);
  Outcome outcome;
  outcome.finding = grid.run();
  outcome.values.resize(threads);
  std::memcpy(outcome.values.data(), memory.allocations()[0].data, threads * 4);
  return outcome;
}

TEST(Barrier, PartsOfABlockWaitForThemselves) {
  // Warps 0 and 1 swap their words at barrier 1, warps 2 and 3 at barrier 2.
  const std::string body =
      "st.shared.u32 [%mine], %tid; shr.u32 %n, %warp, 1; add.u32 %n, %n, 1; mov.u32 %b, 64;\n"
      "bar.sync %n, %b; xor.b32 %mine, %mine, 128; ld.shared.u32 %value, [%mine];";
  for (std::uint64_t schedule = 0; schedule < kSchedules; ++schedule) {
    const Outcome o = run(body, 128, schedule);
    ASSERT_FALSE(o.finding) << describe(*o.finding);
    for (std::uint32_t t = 0; t < 128; ++t)
      EXPECT_EQ(o.values[t], t ^ 32) << "thread " << t << ", schedule " << schedule;
  }
}

TEST(Barrier, AnArrivalDoesNotWaitAndEachRoundCountsAnew) {
  // Warp 1 hands four words in turn to warp 0 through one cell per lane: barrier 1 says full,
  // barrier 2 says empty again.
  const std::string body =
      "mov.u32 %n, 0; and.b32 %a, %tid, 31; shl.b32 %a, %a, 2; mov.u32 %mine, s;\n"
      "add.u32 %mine, %mine, %a; setp.eq.u32 %p, %warp, 0; @%p bra TAKE;\n"
      "GIVE: add.u32 %a, %n, %tid; st.shared.u32 [%mine], %a; bar.arrive 1, 64; bar.sync 2, 64;\n"
      "add.u32 %n, %n, 1; setp.lt.u32 %q, %n, 4; @%q bra GIVE; bra OUT;\n"
      "TAKE: bar.sync 1, 64; ld.shared.u32 %a, [%mine]; add.u32 %value, %value, %a;\n"
      "bar.arrive 2, 64; add.u32 %n, %n, 1; setp.lt.u32 %q, %n, 4; @%q bra TAKE; OUT:";
  for (std::uint64_t schedule = 0; schedule < kSchedules; ++schedule) {
    const Outcome o = run(body, 64, schedule);
    ASSERT_FALSE(o.finding) << describe(*o.finding);
    for (std::uint32_t t = 0; t < 32; ++t)  // 4 * (t + 32) + 0 + 1 + 2 + 3
      EXPECT_EQ(o.values[t], 4 * (t + 32) + 6) << "thread " << t << ", schedule " << schedule;
  }
}

TEST(Barrier, OfSomeWarpsOrdersThoseOnly) {
  // Warps 0 and 1 meet at barrier 1, warps 2 and 3 at barrier 2; then each thread reads the word of
  // a thread of the warp that it met, or of one that it did not.
  const std::string body =
      "st.shared.u32 [%mine], %tid; bar.sync 0; st.shared.u32 [%mine], %tid;\n"
      "shr.u32 %n, %warp, 1; add.u32 %n, %n, 1; mov.u32 %b, 64; bar.sync %n, %b;\n"
      "xor.b32 %mine, %mine, ";
  const std::string read = "; ld.shared.u32 %value, [%mine];";
  for (std::uint64_t schedule = 0; schedule < kSchedules; ++schedule) {
    EXPECT_FALSE(run(body + "128" + read, 128, schedule).finding) << schedule;
    const Outcome o = run(body + "256" + read, 128, schedule);
    ASSERT_TRUE(o.finding) << schedule;
    EXPECT_EQ(name(o.finding->kind), "shared_race");
  }
}

TEST(Barrier, WhoArrivesIsOrderedBeforeThoseWhoWaitNotAfter) {
  // Warp 1 arrives and warp 0 waits; then warp 1 reads what warp 0 wrote before the barrier.
  const std::string body =
      "st.shared.u32 [%mine], %tid; setp.eq.u32 %p, %warp, 0; xor.b32 %mine, %mine, 128;\n"
      "@%p bar.sync 1, 64; @!%p bar.arrive 1, 64;\n";
  const Outcome waits = run(body + "@%p ld.shared.u32 %value, [%mine];", 64, 0);
  EXPECT_FALSE(waits.finding) << describe(*waits.finding);
  const Outcome arrives = run(body + "@!%p ld.shared.u32 %value, [%mine];", 64, 0);
  ASSERT_TRUE(arrives.finding);
  EXPECT_EQ(name(arrives.finding->kind), "shared_race");
}

TEST(Barrier, VotesCountTheThreadsThatExist) {
  // 48 threads, of which those below 40 vote yes.
  const std::string body =
      "setp.lt.u32 %p, %tid, 40; bar.red.popc.u32 %value, 0, %p; bar.red.and.pred %q, 0, %p;\n"
      "@%q add.u32 %value, %value, 100; bar.red.or.pred %q, 0, %p;\n"
      "@%q add.u32 %value, %value, 1000; setp.lt.u32 %p, %tid, 48; bar.red.and.pred %q, 0, %p;\n"
      "@%q add.u32 %value, %value, 10000;";
  for (std::uint64_t schedule = 0; schedule < kSchedules; ++schedule) {
    const Outcome o = run(body, 48, schedule);
    ASSERT_FALSE(o.finding) << describe(*o.finding);
    EXPECT_EQ(o.values, std::vector<std::uint32_t>(48, 11040)) << "schedule " << schedule;
  }
}

TEST(Barrier, WarpsThatEndAreNotWaitedFor) {
  const std::string body =
      "setp.lt.u32 %p, %warp, 2; @%p bra OUT; bar.sync 0; mov.u32 %value, 1; OUT:";
  const Outcome o = run(body, 128, 0);
  ASSERT_FALSE(o.finding) << describe(*o.finding);
  EXPECT_EQ(o.values[0], 0u);
  EXPECT_EQ(o.values[127], 1u);
}

TEST(Barrier, TooFewThreadsAreADeadlock) {
  const Outcome o = run("bar.sync 1, 96;", 64, 0);
  ASSERT_TRUE(o.finding);
  EXPECT_EQ(o.finding->kind, FindingKind::no_progress);
}

TEST(Barrier, ThreadCountsMustAgree) {
  const Outcome o = run("shl.b32 %n, %warp, 5; add.u32 %n, %n, 64; bar.sync 1, %n;", 64, 0);
  ASSERT_TRUE(o.finding);
  EXPECT_EQ(o.finding->kind, FindingKind::barrier_divergence);
  EXPECT_EQ(o.finding->message, "a barrier of 96 threads, where others said 64");
}

TEST(Barrier, WithoutItTheSwapIsARace) {
  const Outcome o =
      run("st.shared.u32 [%mine], %tid; xor.b32 %mine, %mine, 128; ld.shared.u32 %value, [%mine];",
          64,
          0);
  EXPECT_TRUE(o.finding);
}

}  // namespace
}  // namespace attest::ptx
