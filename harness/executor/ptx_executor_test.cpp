// Jobs on the ptx executor: buffers in and out, the log, errors, findings with both lines.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace attest {
namespace {

constexpr std::string_view kAddOne = R"(.version 9.0
.target sm_80
.address_size 64
.visible .entry add_one(.param .u64 to, .param .u64 from)
{
.reg .b64 %to, %from, %at;
.reg .b32 %lane, %x;
mov.u32 %lane, %tid.x;
mov.b64 %at, {%lane, 0};
shl.b64 %at, %at, 2;
ld.param.u64 %to, [to];
ld.param.u64 %from, [from];
add.u64 %to, %to, %at;
add.u64 %from, %from, %at;
ld.global.u32 %x, [%from];
add.u32 %x, %x, 1;
st.global.u32 [%to], %x;
ret;
}
)";

constexpr std::string_view kRace = R"(.version 9.0
.target sm_80
.address_size 64
.visible .entry race()
{
.reg .b32 %tid, %s;
.shared .b32 word;
mov.u32 %tid, %tid.x;
mov.u32 %s, word;
st.shared.u32 [%s], %tid;
ret;
}
)";

/// 32 words in, 32 words out.
Job add_one_job(const std::vector<std::byte>& input) {
  Job job;
  job.buffers.push_back({"to", BufferRole::output, 128, 0, {}});
  job.buffers.push_back({"from", BufferRole::input, 128, 4, input});
  Launch launch;
  launch.image = {"add_one", kAddOne};
  launch.entry = "add_one";
  launch.block = {32, 1, 1};
  launch.parameters.resize(16);
  launch.relocations = {{0, 0, 0}, {8, 1, 0}};
  job.launches.push_back(launch);
  return job;
}

TEST(PtxExecutor, RunsAJobAndLogsIt) {
  std::vector<std::byte> input(128);
  for (std::uint32_t n = 0; n < 32; ++n) {
    const std::uint32_t value = 10 * n;
    std::memcpy(input.data() + 4 * n, &value, 4);
  }
  const auto execution = make_ptx_executor()->run(add_one_job(input));
  ASSERT_TRUE(execution.has_value()) << execution.error().to_string();
  EXPECT_TRUE(execution->findings.empty());
  ASSERT_EQ(execution->buffers.size(), 2u);
  for (std::uint32_t n = 0; n < 32; ++n) {
    std::uint32_t value = 0;
    std::memcpy(&value, execution->buffers[0].data() + 4 * n, 4);
    EXPECT_EQ(value, 10 * n + 1);
  }
  EXPECT_TRUE(execution->buffers[1].empty());
  ASSERT_EQ(execution->launches.size(), 1u);
  EXPECT_EQ(execution->launches[0].kernel, "add_one");
  EXPECT_EQ(execution->launches[0].counts.warp_instructions, 11);
}

TEST(PtxExecutor, CountsTrafficByBufferOfEachLaunch) {
  const std::vector<std::byte> input(128);
  Job job = add_one_job(input);
  job.counts_traffic = true;
  job.launches.push_back(job.launches.front());
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value()) << execution.error().to_string();
  ASSERT_EQ(execution->launches.size(), 2u);
  for (const LaunchRecord& launch : execution->launches) {
    const TrafficCounts& t = launch.counts.traffic;
    ASSERT_EQ(t.buffers.size(), 2u);
    EXPECT_EQ(t.buffers[0], (BufferTraffic{"to", 0, 128, 0, 128}));
    EXPECT_EQ(t.buffers[1], (BufferTraffic{"from", 128, 0, 0, 5 * 32}));  // 4 bytes off a sector
    EXPECT_EQ(t.global_bytes_requested, 256);
    EXPECT_EQ(t.global_bytes_touched, 128 + 5 * 32);
  }
}

constexpr std::string_view kOpenArithmetic = R"(.version 9.0
.target sm_80
.address_size 64
.visible .entry e(.param .u64 to)
{
.reg .b64 %to;
.reg .f32 %power, %product, %sum;
ld.param.u64 %to, [to];
ex2.approx.f32 %power, 0f3F000000;
mul.f32 %product, 0f3F800800, 0f3F800800;
add.f32 %sum, %product, 0fBF801000;
st.global.v2.f32 [%to], {%power, %sum};
ret;
}
)";

/// Bits of 2^0.5, and of (1 + 2^-12)^2 - (1 + 2^-11).
std::vector<std::uint32_t> open_arithmetic(const Mode& mode) {
  Job job;
  job.buffers.push_back({"to", BufferRole::output, 8, 0, {}});
  Launch launch;
  launch.image = {"open", kOpenArithmetic};
  launch.entry = "e";
  launch.block = {1, 1, 1};
  launch.parameters.resize(8);
  launch.relocations = {{0, 0, 0}};
  job.launches.push_back(launch);
  job.mode = mode;
  const auto execution = make_ptx_executor()->run(job);
  EXPECT_TRUE(execution.has_value()) << execution.error().to_string();
  std::vector<std::uint32_t> words(2);
  std::memcpy(words.data(), execution->buffers[0].data(), 8);
  return words;
}

// sqrt(2) is 0x3fb504f3 correctly rounded, and may be two ulp off; the sum is 2^-24 rounded once.
TEST(PtxExecutor, TheModeReachesTheArithmetic) {
  using Words = std::vector<std::uint32_t>;
  EXPECT_EQ(open_arithmetic({}), (Words{0x3fb504f3, 0}));
  EXPECT_EQ(open_arithmetic({.approx = Approx::low}), (Words{0x3fb504f1, 0}));
  EXPECT_EQ(open_arithmetic({.approx = Approx::high}), (Words{0x3fb504f5, 0}));
  EXPECT_EQ(open_arithmetic({.contract = Contract::on}), (Words{0x3fb504f3, 0x33800000}));
  const Words random = open_arithmetic({.approx = Approx::random});
  EXPECT_GE(random[0], 0x3fb504f1U);
  EXPECT_LE(random[0], 0x3fb504f5U);
}

TEST(PtxExecutor, LeavesUnwrittenOutputPoisoned) {
  std::vector<std::byte> input(128);
  Job job = add_one_job(input);
  job.launches[0].block = {31, 1, 1};
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value());
  EXPECT_EQ(execution->buffers[0][124], std::byte{0xff});
}

TEST(PtxExecutor, NamesBothSidesOfARace) {
  Job job;
  Launch launch;
  launch.image = {"race", kRace};
  launch.entry = "race";
  launch.block = {64, 1, 1};
  job.launches.push_back(launch);
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value()) << execution.error().to_string();
  ASSERT_EQ(execution->findings.size(), 1u);
  const Finding& f = execution->findings[0];
  EXPECT_EQ(f.kind, FindingKind::shared_race);
  EXPECT_EQ(f.party.site.ptx_line, 10);
  ASSERT_TRUE(f.other.has_value());
  EXPECT_EQ(f.other->site.ptx_line, 10);
  EXPECT_EQ(f.allocation, "word");
}

TEST(PtxExecutor, ChecksOffStillChecksBounds) {
  std::vector<std::byte> input(128);
  Job job = add_one_job(input);
  job.checks = false;
  job.launches[0].block = {33, 1, 1};
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value());
  ASSERT_EQ(execution->findings.size(), 1u);
  EXPECT_EQ(execution->findings[0].kind, FindingKind::out_of_bounds);
  EXPECT_EQ(execution->findings[0].allocation, "from");
  EXPECT_EQ(execution->findings[0].party.thread, (Dim3{32, 0, 0}));
}

TEST(PtxExecutor, RefusesWhatItCannotRun) {
  static const std::string unknown =
      ".version 9.0\n.target sm_90\n.address_size 64\n.visible .entry "
      "e()\n{\nwgmma.fence.sync.aligned;\nret;\n}\n";
  Job job;
  Launch launch;
  launch.image = {"unknown", unknown};
  launch.entry = "e";
  job.launches.push_back(launch);
  const auto refused = make_ptx_executor()->run(job);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::unsupported);
  EXPECT_EQ(refused.error().to_string(),
            "unknown:6:1: instruction 'wgmma.fence.sync.aligned' is not implemented");
}

TEST(PtxExecutor, StopsAtTheMemoryLimit) {
  Job job;
  job.buffers.push_back({"huge", BufferRole::output, std::int64_t{1} << 36, 0, {}});
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value());
  ASSERT_EQ(execution->findings.size(), 1u);
  EXPECT_EQ(execution->findings[0].kind, FindingKind::memory_limit);
}

TEST(PtxExecutor, StopsAtTheStepLimit) {
  std::vector<std::byte> input(128);
  Job job = add_one_job(input);
  job.launches[0].grid = {1000, 1, 1};
  job.checks = false;  // the blocks write the same words
  job.limits.warp_instructions = 500;
  const auto execution = make_ptx_executor()->run(job);
  ASSERT_TRUE(execution.has_value());
  ASSERT_EQ(execution->findings.size(), 1u);
  EXPECT_EQ(execution->findings[0].kind, FindingKind::no_progress);
}

TEST(PtxExecutor, RefusesARelocationOutsideTheParameters) {
  std::vector<std::byte> input(128);
  Job job = add_one_job(input);
  job.launches[0].relocations = {{12, 0, 0}};
  const auto refused = make_ptx_executor()->run(job);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::bad_input);
}

}  // namespace
}  // namespace attest
