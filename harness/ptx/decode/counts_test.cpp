// Counts of whole launches: instructions by class, and traffic, worked by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace attest::ptx {
namespace {

LaunchCounts counts_of(const std::string& body, const Launch& launch, std::uint64_t schedule = 0) {
  LaunchOptions options;
  options.schedule = schedule;
  options.counts_traffic = true;
  const Outcome with = run_text(kernel(body), launch, options);
  EXPECT_FALSE(with.finding) << describe(*with.finding);
  const Outcome without = run_text(kernel(""), launch, options);
  LaunchCounts counts = with.counts;
  counts.warp_instructions -= without.counts.warp_instructions;
  for (std::size_t c = 0; c < kInsnClasses; ++c)
    counts.classes.of[c] -= without.counts.classes.of[c];
  return counts;
}

TEST(Counts, InstructionsByClass) {
  const LaunchCounts counts = counts_of(
      "mov.u32 %r0, 0; LOOP: add.u32 %r0, %r0, 1; setp.lt.u32 %p, %r0, 5; @%p bra LOOP;\n"
      "st.shared.u32 [%s], %r0; bar.sync 0; bar.warp.sync 0xffffffff;\n"
      "ld.shared.u32 %r1, [%s]; ld.global.u32 %r2, [%out]; ld.param.u64 %d0, [out];\n"
      "cvt.u64.u32 %d1, %r0; popc.b32 %r3, %r2; shfl.sync.idx.b32 %r4, %r3, 0, 31, 0xffffffff;",
      launch_of(3, 1));
  using enum InsnClass;
  ClassCounts want;
  want[move] = 3;
  want[integer] = 3 * (2 * 5 + 1);
  want[control] = 3 * 5;
  want[store_shared] = want[load_shared] = want[load_global] = want[load_constant] = 3;
  want[barrier] = want[conversion] = 3;
  want[warp] = 6;
  for (std::size_t c = 0; c < kInsnClasses; ++c)
    EXPECT_EQ(counts.classes.of[c], want.of[c]) << name(static_cast<InsnClass>(c));
  EXPECT_EQ(counts.warp_instructions, 3 + 33 + 15 + 12 + 6 + 6);
}

TEST(Counts, TrafficOfGlobalMemory) {
  // 64 threads read a word each, and one that all share; write every second word.
  const std::string body =
      "shl.b32 %r0, %tid, 2; mov.b64 %at, {%r0, 0}; add.u64 %d0, %out, %at;\n"
      "ld.global.u32 %r1, [%d0]; ld.global.u32 %r2, [%out];\n"
      "add.u64 %d0, %d0, %at; setp.lt.u32 %p, %lane, 8; @%p st.global.u32 [%d0+1024], %r1;";
  for (std::uint64_t schedule = 0; schedule < 5; ++schedule) {
    const TrafficCounts t = counts_of(body, launch_of(1, 64), schedule).traffic;
    EXPECT_EQ(t.global_accesses, 6);
    EXPECT_EQ(t.global_bytes_requested, 4 * (64 + 64 + 16));
    // A warp: 4 sectors of words, 1 of the shared one; 8 words 8 bytes apart lie in 2.
    EXPECT_EQ(t.global_sectors, 2 * (4 + 1 + 2));
    EXPECT_EQ(t.global_bytes_touched, 32 * (8 + 4));
    EXPECT_EQ(t.shared_accesses, 0);
  }
}

TEST(Counts, TrafficOfSharedMemory) {
  // A 16 x 16 tile of words: stored by rows, read by columns, then 16 bytes a lane.
  const std::string body =
      ".shared .align 16 .b8 tile[2048]; mov.u32 %s, tile; shl.b32 %r0, %tid, 2;\n"
      "add.u32 %r1, %s, %r0; st.shared.u32 [%r1], %tid; st.shared.u32 [%r1+128], %tid;\n"
      "bar.warp.sync 0xffffffff; and.b32 %r2, %tid, 1; shl.b32 %r2, %r2, 6; shr.u32 %r3, %tid, 1;\n"
      "shl.b32 %r3, %r3, 2; add.u32 %r2, %r2, %r3; add.u32 %r2, %r2, %s;\n"
      "ld.shared.u32 %r4, [%r2]; and.b32 %r5, %tid, 15; shl.b32 %r5, %r5, 4; add.u32 %r5, %r5, "
      "%s;\n"
      "ld.shared.v4.u32 {%r6, %r7, %r8, %r9}, [%r5]; ld.shared.v2.u32 {%r6, %r7}, [%r5];";
  const TrafficCounts t = counts_of(body, launch_of(1, 32)).traffic;
  EXPECT_EQ(t.shared_accesses, 5);
  EXPECT_EQ(t.shared_bytes_requested, 32 * (3 * 4 + 16 + 8));
  // Runs of 32 words: 1 each. Lanes 2n and 2n + 1 read words n and 16 + n: 1. v4: 4 phases of 128
  // bytes. v2: a phase has 16 lanes, 16 bytes apart: banks 0, 1, 4, 5, .. twice: 2 of each phase.
  EXPECT_EQ(t.shared_wavefronts, 2 + 1 + 4 + 4);
  EXPECT_EQ(t.shared_wavefronts_ideal, 2 + 1 + 4 + 2);
}

TEST(Counts, TrafficOfMatrixRowsAndAsynchronousCopies) {
  // Each lane copies 16 bytes into a row of its own; 128-byte rows meet in the same banks, rows
  // padded to 144 do not.
  const auto body = [](int row_bytes) {
    return ".shared .align 16 .b8 tile[4608]; mov.u32 %s, tile; mul.lo.u32 %r0, %tid, " +
           std::to_string(row_bytes) +
           "; add.u32 %r0, %r0, %s; shl.b32 %r1, %tid, 4; mov.b64 %at, {%r1, 0};\n"
           "add.u64 %at, %at, %out; cp.async.cg.shared.global [%r0], [%at], 16;\n"
           "cp.async.wait_all; bar.warp.sync 0xffffffff;\n"
           "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r2, %r3, %r4, %r5}, [%r0];";
  };
  const TrafficCounts plain = counts_of(body(128), launch_of(1, 32)).traffic;
  EXPECT_EQ(plain.shared_accesses, 2);
  EXPECT_EQ(plain.shared_wavefronts, 32 + 32);
  EXPECT_EQ(plain.shared_wavefronts_ideal, 4 + 4);
  EXPECT_EQ(plain.shared_bytes_requested, 512 + 512);
  EXPECT_EQ(plain.global_bytes_requested, 512);
  EXPECT_EQ(plain.global_sectors, 16);
  const TrafficCounts padded = counts_of(body(144), launch_of(1, 32)).traffic;
  EXPECT_EQ(padded.shared_wavefronts, 4 + 4);
  EXPECT_EQ(padded.shared_wavefronts_ideal, 4 + 4);
}

TEST(Counts, WavefrontsOfMatrixRowsAndOfAsynchronousCopiesAlone) {
  // Copies into rows of 128 bytes, one a lane, meet in the same banks; rows of 16 bytes do not. A
  // column of words 128 bytes apart belongs to neither.
  const std::string body =
      ".shared .align 16 .b8 tile[4096]; .reg .b32 %f<4>; mov.u32 %s, tile;\n"
      "shl.b32 %r0, %tid, 7; add.u32 %r0, %r0, %s; shl.b32 %r1, %tid, 4; mov.b64 %at, {%r1, 0};\n"
      "add.u64 %at, %at, %out; add.u32 %r1, %r1, %s;\n"
      "cp.async.cg.shared.global [%r0], [%at], 16; cp.async.wait_all; bar.warp.sync -1;\n"
      "ld.shared.u32 %r2, [%r0]; bar.warp.sync -1;\n"
      "setp.lt.u32 %p, %lane, 8; @%p cp.async.ca.shared.global [%r1], [%at], 16;\n"
      "cp.async.wait_all; bar.warp.sync -1;\n"
      "ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%f0}, [%r1];\n"
      "mov.u64 %d0, tile; cvta.shared.u64 %d0, %d0; mul.wide.u32 %d1, %tid, 128;\n"
      "add.u64 %d0, %d0, %d1; ldmatrix.sync.aligned.m8n8.x4.b16 {%f0, %f1, %f2, %f3}, [%d0];";
  const TrafficCounts t = counts_of(body, launch_of(1, 32)).traffic;
  EXPECT_EQ(t.cp_async, (BankCounts{2, 32 + 1, 4 + 1}));
  EXPECT_EQ(t.ldmatrix, (BankCounts{2, 1 + 32, 1 + 4}));
  EXPECT_EQ(t.shared_accesses, 5);
  EXPECT_EQ(t.shared_wavefronts, 32 + 1 + 1 + 32 + 32);
  EXPECT_EQ(t.shared_wavefronts_ideal, 4 + 1 + 1 + 4 + 1);
  EXPECT_EQ(t.shared_bytes_requested, 512 + 128 + 128 + 512 + 128);
}

TEST(Counts, TrafficByBuffer) {
  // Each lane: loads a word twice (once .nc) and 16 bytes asynchronously, stores 8 bytes, adds to
  // one word of all. A word of the module belongs to no buffer.
  const std::string body =
      "mul.wide.u32 %at, %tid, 4; add.u64 %d0, %out, %at; ld.global.u32 %r0, [%d0];\n"
      "ld.global.nc.u32 %r1, [%d0]; add.u64 %d1, %d0, %at; st.global.v2.u32 [%d1+1024], {%r0, "
      "%r1};\n"
      "red.global.add.u32 [%out+2048], 1; .shared .align 16 .b8 tile[512];\n"
      "mov.u32 %s, tile; shl.b32 %r2, %tid, 4; add.u32 %s, %s, %r2; add.u64 %d1, %d1, %at;\n"
      "add.u64 %d1, %d1, %at; cp.async.cg.shared.global [%s], [%d1+2560], 16;\n"
      "cp.async.wait_all; ld.global.u32 %r3, [word];";
  std::string text = kernel(body);
  text.insert(text.find(".visible"), ".global .align 4 .u32 word;\n");
  LaunchOptions options;
  options.counts_traffic = true;
  const Outcome o = run_text(text, launch_of(1, 32), options);
  ASSERT_FALSE(o.finding) << describe(*o.finding);
  const TrafficCounts& t = o.counts.traffic;
  ASSERT_EQ(t.buffers.size(), 1u);
  EXPECT_EQ(t.buffers[0].name, "out");
  EXPECT_EQ(t.buffers[0].bytes_read_requested, 32 * (4 + 4 + 16));
  EXPECT_EQ(t.buffers[0].bytes_written_requested, 32 * 8);
  EXPECT_EQ(t.buffers[0].bytes_atomic_requested, 32 * 4);
  // Read: 128 bytes, 512 bytes and the sector of the sum; written: 256 bytes and that sector.
  EXPECT_EQ(t.buffers[0].bytes_touched, 128 + 512 + 32 + 256 + 32);
  EXPECT_EQ(t.global_bytes_requested, 32 * (4 + 4 + 16 + 8 + 4) + 32 * 4);
  EXPECT_EQ(t.global_bytes_touched, t.buffers[0].bytes_touched + 32);
}

TEST(Counts, TrafficOfLocalAndGenericAccesses) {
  const std::string body =
      ".shared .align 16 .b8 tile[256]; .local .align 8 .b8 mine[8];\n"
      "st.local.u64 [mine], %out; ld.local.u32 %r0, [mine];\n"
      "mov.u64 %d0, tile; cvta.shared.u64 %d0, %d0; mul.wide.u32 %at, %tid, 2;\n"
      "add.u64 %d0, %d0, %at; st.u16 [%d0], %tid; ld.volatile.u16 %r1, [%d0];";
  const TrafficCounts t = counts_of(body, launch_of(1, 32)).traffic;
  EXPECT_EQ(t.local_bytes_requested, 32 * (8 + 4));
  EXPECT_EQ(t.shared_accesses, 2);
  EXPECT_EQ(t.shared_bytes_requested, 32 * (2 + 2));
}

TEST(Counts, TrafficIsCountedOnlyWhenAsked) {
  const Outcome o = run_text(kernel("st.global.u32 [%out], %tid;"), launch_of(1, 1), {});
  EXPECT_FALSE(o.counts.has_traffic);
  EXPECT_EQ(o.counts.traffic, TrafficCounts{});
}

}  // namespace
}  // namespace attest::ptx
