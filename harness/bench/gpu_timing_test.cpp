// The timing table, and the program where no GPU is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/gpu_timing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <sys/wait.h>

namespace attest {
namespace {

/// Output of a shell command and its exit code.
std::pair<std::string, int> output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {"popen failed", -1};
  std::string text;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
    text.append(part.data(), n);
  const int status = pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(GpuTiming, times_every_length_width_and_mask_once) {
  const std::vector<Problem> problems = timed_problems(false);
  std::set<std::string> lines;
  std::set<std::int64_t> lengths;
  for (const Problem& p : problems) {
    EXPECT_TRUE(validate(p).has_value()) << to_string(p);
    lines.insert(to_string(p));
    lengths.insert(p.seq_q);
  }
  EXPECT_EQ(lines.size(), problems.size());
  EXPECT_EQ(problems.size(), lengths.size() * 2 * 2);
  EXPECT_EQ(*lengths.begin(), 512);
  EXPECT_EQ(*lengths.rbegin(), 16384);
  EXPECT_EQ(lines.count("attn(hq=16,sq=4096,d=128,dtype=bf16,mask=causal-tl)"), 1U);
  EXPECT_EQ(timed_problems(true).size(), 4U);
}

TEST(GpuTiming, counts_flops_of_what_is_kept) {
  Problem p = timed_problems(false).front();  // 16 heads, 512 rows, d = 64, no mask
  EXPECT_DOUBLE_EQ(tera_flops(p, 100), 4.0 * 16 * 512 * 512 * 64 / 1e8);
  p.mask.causal = Alignment::top_left;
  EXPECT_DOUBLE_EQ(tera_flops(p, 100), 2.0 * 16 * 512 * 512 * 64 / 1e8);
}

TEST(GpuTiming, a_line_has_a_cell_for_every_column) {
  TimedCase timed{timed_problems(false)[3], 80};
  const auto cells = [](std::string_view line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(timing_line(timed), "512,128,1,80.00,13.42,-,-,-,-");
  EXPECT_EQ(cells(timing_line(timed)), cells(timing_header()));
  timed.cudnn_microseconds = 50;
  timed.cudnn_engine = "eng2_k24=7";
  EXPECT_EQ(timing_line(timed), "512,128,1,80.00,13.42,50.00,21.47,1.60,eng2_k24=7");
  EXPECT_EQ(cells(timing_line(timed)), cells(timing_header()));
}

TEST(GpuTiming, median_is_the_middle_one) {
  EXPECT_EQ(median({5}), 5);
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({4, 1, 2, 3}), 3);
  EXPECT_THROW((void)median({}), InternalError);
}

TEST(GpuTiming, takes_small_and_nothing_else) {
  EXPECT_FALSE(asks_small({}).value());
  EXPECT_TRUE(asks_small({"--small"}).value());
  EXPECT_EQ(asks_small({"--smal"}).error().message, "found '--smal', allowed: nothing or --small");
}

TEST(GpuBench, a_wrong_argument_is_a_usage_error) {
  const auto [text, exit] = output_of(std::string(ATTEST_GPU_BENCH) + " --big 2>&1");
  EXPECT_EQ(exit, 2);
  EXPECT_EQ(text, "attest_gpu_bench: found '--big', allowed: nothing or --small\n");
}

TEST(GpuBench, without_a_gpu_it_says_so_in_one_line) {
  const auto [text, exit] =
      output_of("CUDA_VISIBLE_DEVICES= " + std::string(ATTEST_GPU_BENCH) + " --small 2>&1");
  EXPECT_EQ(exit, 3);
  EXPECT_TRUE(text.starts_with("attest_gpu_bench: ")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

}  // namespace
}  // namespace attest
