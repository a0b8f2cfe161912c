// Registers that share rows: how few rows, and that no value is lost to another.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/schedule_testing.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace attest::ptx {
namespace {

/// `count` registers %v0.., each one more than the one before; %v0 is the thread's number.
std::string chain(int count) {
  std::string text = ".reg .b32 %v<" + std::to_string(count) + ">; mov.u32 %v0, %tid;\n";
  for (int n = 1; n < count; ++n) {
    text += "add.u32 %v" + std::to_string(n) + ", %v" + std::to_string(n - 1) + ", 1;\n";
  }
  return text;
}

std::string store(const std::string& value) {
  return "mul.wide.u32 %at, %tid, 4; add.u64 %at, %at, %out; st.global.u32 [%at], " + value + ";\n";
}

/// One block of 32 threads; thread n's word.
std::vector<std::uint32_t> words(const std::string& body) {
  const Outcome o = run(body, launch_of(1, 32), 0);
  EXPECT_FALSE(o.finding) << describe(*o.finding);
  return {o.words.begin(), o.words.begin() + 32};
}

/// Rows that `add.u32` writes.
std::size_t rows_of_adds(const std::string& body) {
  const auto module = parse_module(kernel(body), "t");
  const auto program = decode(*module, "t", "e");
  EXPECT_TRUE(program.has_value());
  std::set<Handler> adds;
  std::set<std::uint32_t> rows;
  for (const Instr& i : (*program)->code) {
    // The chain makes up most of the code: its handler is the one that occurs the most.
    adds.insert(i.run);
  }
  Handler most = nullptr;
  std::ptrdiff_t times = 0;
  for (const Handler h : adds) {
    const auto here = std::count_if((*program)->code.begin(),
                                    (*program)->code.end(),
                                    [h](const Instr& i) { return i.run == h; });
    if (here > times) most = h;
    times = std::max(times, here);
  }
  for (const Instr& i : (*program)->code) {
    if (i.run == most) rows.insert(i.op[0]);
  }
  return rows.size();
}

TEST(RowSharing, AChainOfValuesTakesTwoRows) {
  const std::string body = chain(200) + store("%v199");
  EXPECT_EQ(rows_of_adds(body), 2u);  // source and destination of one addition never share
  const auto got = words(body);
  for (std::uint32_t n = 0; n < 32; ++n)
    EXPECT_EQ(got[n], n + 199);
}

TEST(RowSharing, WhatTheNextIterationReadsKeepsItsRow) {
  const auto got = words(
      "add.u32 %r0, %tid, 7; mov.u32 %r1, 0; mov.u32 %r2, 0;\n"
      "LOOP: add.u32 %r2, %r2, %r0;\n"  // the last read of %r0 in the text
      "add.u32 %r3, %r1, 1; add.u32 %r4, %r3, 2; add.u32 %r5, %r4, 3;\n"
      "add.u32 %r2, %r2, %r5; add.u32 %r1, %r1, 1;\n"
      "setp.lt.u32 %p, %r1, 10; @%p bra LOOP;\n" +
      store("%r2"));
  for (std::uint32_t n = 0; n < 32; ++n)
    EXPECT_EQ(got[n], 10 * (n + 7) + 45 + 60);  // 0 + .. + 9, and ten times 1 + 2 + 3
}

TEST(RowSharing, AGuardedWriteKeepsTheOldValue) {
  const auto got = words(
      "mov.u32 %r0, 0; mov.u32 %r1, 0; mov.u32 %r2, 0;\n"
      "LOOP: setp.eq.u32 %p, %r1, 0; @%p add.u32 %r0, %tid, 5;\n"
      "add.u32 %r2, %r2, %r0;\n"
      "add.u32 %r3, %r1, 1; add.u32 %r4, %r3, 2; mov.u32 %r1, %r3;\n"
      "setp.lt.u32 %q, %r4, 12; @%q bra LOOP;\n" +
      store("%r2"));
  for (std::uint32_t n = 0; n < 32; ++n)
    EXPECT_EQ(got[n], 10 * (n + 5));
}

TEST(RowSharing, LanesThatDivergeHaveValuesOfTheirOwn) {
  const auto got = words(
      "setp.lt.u32 %p, %tid, 16; @%p bra LOW;\n"
      "add.u32 %r0, %tid, 100; add.u32 %r1, %r0, 1; mov.u32 %r9, %r1; bra JOIN;\n"
      "LOW: add.u32 %r2, %tid, 200; add.u32 %r3, %r2, 2; mov.u32 %r9, %r3;\n"
      "JOIN:\n" +
      store("%r9"));
  for (std::uint32_t n = 0; n < 32; ++n)
    EXPECT_EQ(got[n], n < 16 ? n + 202 : n + 101);
}

TEST(RowSharing, AnAddressOutlivesTheVectorThatItLoads) {
  const auto got = words(
      "mul.wide.u32 %at, %tid, 16; add.u64 %d0, %at, %out;\n"
      "add.u32 %r0, %tid, 1; add.u32 %r1, %tid, 2; add.u32 %r2, %tid, 3;\n"
      "st.global.v4.u32 [%d0], {%tid, %r0, %r1, %r2};\n"
      "ld.global.v4.u32 {%r3, %r4, %r5, %r6}, [%d0];\n"
      "add.u32 %r3, %r3, %r4; add.u32 %r5, %r5, %r6; add.u32 %r3, %r3, %r5;\n"
      "bar.sync 0;\n" +
      store("%r3"));
  for (std::uint32_t n = 0; n < 32; ++n)
    EXPECT_EQ(got[n], 4 * n + 6);
}

}  // namespace
}  // namespace attest::ptx
