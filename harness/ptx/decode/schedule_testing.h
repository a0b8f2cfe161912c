// Small kernels on one buffer under many schedules: what ends, and what is found to wait for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {

inline constexpr std::uint64_t kSchedules = 20;
inline constexpr std::size_t kWords = 1024;  // of the buffer

struct Outcome {
  std::optional<Finding> finding;
  std::vector<std::uint32_t> words;  // of the buffer, which starts as zeros
  LaunchCounts counts;
};

/// The body knows %tid, %lane, %warp, %cta, %ctas, %out (the buffer) and %s (64 words of shared
/// memory).
inline std::string kernel(const std::string& body) {
  return ".version 9.0\n.target sm_80\n.address_size 64\n.visible .entry e(.param .u64 out)\n{\n"
         ".reg .b32 %tid, %lane, %warp, %cta, %ctas, %s, %r<10>; .reg .b64 %out, %at, %d<4>;\n"
         ".reg .pred %p, %q; .shared .align 4 .b8 s[256]; mov.u32 %s, s;\n"
         "ld.param.u64 %out, [out]; mov.u32 %tid, %tid.x; mov.u32 %cta, %ctaid.x;\n"
         "mov.u32 %ctas, %nctaid.x; and.b32 %lane, %tid, 31; shr.u32 %warp, %tid, 5;\n" +
         body + "\nret;\n}\n";
}

inline Launch launch_of(std::uint32_t blocks, std::uint32_t threads) {
  Launch launch;
  launch.grid = {blocks, 1, 1};
  launch.block = {threads, 1, 1};
  return launch;
}

inline Outcome run_text(const std::string& text, Launch launch, const LaunchOptions& options) {
  Outcome outcome;
  const auto module = parse_module(text, "t");
  EXPECT_TRUE(module.has_value()) << module.error().to_string();
  if (!module) return outcome;
  const auto program = decode(*module, "t", "e");
  EXPECT_TRUE(program.has_value()) << program.error().to_string();
  if (!program) return outcome;
  GlobalMemory memory;
  const std::vector<std::byte> zeros(4 * kWords);
  const std::uint64_t base = memory.allocate("out", 4 * kWords, 0, zeros, true);
  launch.parameters.resize(8);
  std::memcpy(launch.parameters.data(), &base, 8);
  Grid grid(**program, launch, memory, options);
  outcome.finding = grid.run();
  outcome.words.resize(kWords);
  std::memcpy(outcome.words.data(), memory.allocations()[0].data, 4 * kWords);
  outcome.counts = grid.counts();
  return outcome;
}

inline Outcome run(const std::string& body, const Launch& launch, std::uint64_t schedule) {
  LaunchOptions options;
  options.schedule = schedule;
  return run_text(kernel(body), launch, options);
}

/// Runs under every schedule; `holds` judges the buffer.
template <class Holds>
void expect_ends(const std::string& body, const Launch& launch, Holds holds) {
  for (std::uint64_t schedule = 0; schedule <= kSchedules; ++schedule) {
    const Outcome o = run(body, launch, schedule);
    ASSERT_FALSE(o.finding) << describe(*o.finding) << "schedule " << schedule;
    EXPECT_TRUE(holds(o.words)) << "schedule " << schedule;
  }
}

/// 1-based line of the text that carries `mark`.
inline int line_of(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  return at == std::string::npos
             ? 0
             : 1 + static_cast<int>(std::count(
                       text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

/// The wait is found to be endless, at the line marked `//!`, long before the limit of steps.
inline void expect_stalls(const std::string& body, const Launch& launch) {
  constexpr std::int64_t kEarly = 1'000'000;
  const std::string text = kernel(body);
  for (std::uint64_t schedule = 0; schedule <= kSchedules; ++schedule) {
    LaunchOptions options;
    options.schedule = schedule;
    const Outcome o = run_text(text, launch, options);
    ASSERT_TRUE(o.finding) << "schedule " << schedule;
    EXPECT_EQ(o.finding->kind, FindingKind::no_progress) << describe(*o.finding);
    EXPECT_EQ(o.finding->message, "every warp waits for a value that none of them writes");
    EXPECT_EQ(o.finding->party.site.ptx_line, line_of(text, "//!")) << describe(*o.finding);
    EXPECT_LT(o.counts.warp_instructions, kEarly) << "schedule " << schedule;
  }
}

}  // namespace attest::ptx
