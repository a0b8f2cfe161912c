// Jobs through attest-cuda on the simulated driver: answers, bands, faults, hangs, refusals.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace attest::cuda {
namespace {

constexpr int kCount = 100;

class AttestCuda : public testing::Test {
 protected:
  void SetUp() override {
    if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  }
};

std::array<int, kCount> numbers() {
  std::array<int, kCount> out{};
  for (int n = 0; n < kCount; ++n)
    out[static_cast<std::size_t>(n)] = 3 * n;
  return out;
}

/// o = a + 1, over 4 blocks.
struct AddOne {
  std::array<int, kCount> a = numbers();
  Job job;

  AddOne() {
    job.buffers = {input("a", std::as_bytes(std::span(a))), output("o", kCount * 4)};
    job.launches = {launch("add_one", {buffer(1), buffer(0), int_value(kCount)}, 4, 32)};
  }
};

std::vector<int> ints(const std::vector<std::byte>& bytes) {
  std::vector<int> out(bytes.size() / sizeof(int));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(int));
  return out;
}

void expect_added(Executor& executor) {
  const AddOne add;
  auto execution = executor.run(add.job);
  ASSERT_TRUE(execution) << execution.error().to_string();
  ASSERT_TRUE(execution->findings.empty()) << describe(execution->findings.front());
  const std::vector<int> got = ints(execution->buffers.at(1));
  ASSERT_EQ(got.size(), static_cast<std::size_t>(kCount));
  for (std::size_t n = 0; n < got.size(); ++n)
    ASSERT_EQ(got[n], add.a[n] + 1) << n;
}

/// The only finding of a job of one output `o` of 64 bytes and one launch.
Finding finding_of(Executor& executor, const Launch& what) {
  Job job;
  job.buffers = {output("o", 64)};
  job.launches = {what};
  auto execution = executor.run(job);
  EXPECT_TRUE(execution) << execution.error().to_string();
  if (!execution || execution->findings.size() != 1) {
    ADD_FAILURE() << "there is not one finding";
    return {};
  }
  EXPECT_EQ(execution->findings.front().kernel, what.entry);
  return execution->findings.front();
}

Launch store_at(std::int64_t offset) {
  return launch("store_at", {buffer(0), long_value(offset)});
}

TEST_F(AttestCuda, RunsAJobAndLogsIt) {
  const auto executor = make_cuda_executor(simulated());
  expect_added(*executor);
  expect_added(*executor);
  const AddOne add;
  auto execution = executor->run(add.job);
  ASSERT_TRUE(execution);
  ASSERT_EQ(execution->launches.size(), 1U);
  const LaunchRecord& record = execution->launches.front();
  EXPECT_EQ(record.kernel, "add_one");
  EXPECT_EQ(record.grid, (Dim3{4, 1, 1}));
  EXPECT_EQ(record.block, (Dim3{32, 1, 1}));
  EXPECT_TRUE(execution->buffers.at(0).empty());
  EXPECT_TRUE(execution->counted_by.starts_with("events")) << execution->counted_by;
}

TEST_F(AttestCuda, OutputsStartAsDirtAndUpdatesAsTheirContents) {
  const auto executor = make_cuda_executor(simulated());
  const std::array<int, 4> four = {1, 2, 3, 4};
  Job job;
  job.buffers = {output("o", 16), {"u", BufferRole::update, 16, 0, std::as_bytes(std::span(four))}};
  job.launches = {launch("store_at", {buffer(1), long_value(4)})};
  job.dirt = 0x3c;
  auto execution = executor->run(job);
  ASSERT_TRUE(execution) << execution.error().to_string();
  EXPECT_EQ(execution->buffers.at(0), std::vector<std::byte>(16, std::byte{0x3c}));
  EXPECT_EQ(ints(execution->buffers.at(1)), (std::vector<int>{1, 7, 3, 4}));
}

TEST_F(AttestCuda, BasesAreSkewedAsAsked) {
  const auto executor = make_cuda_executor(simulated());
  for (const std::int64_t skew : {0, 8, 16, 136}) {
    Job job;
    job.buffers = {output("o", 8)};
    job.buffers[0].skew_bytes = skew;
    job.launches = {launch("write_address", {buffer(0)})};
    auto execution = executor->run(job);
    ASSERT_TRUE(execution) << execution.error().to_string();
    std::uint64_t address = 0;
    std::memcpy(&address, execution->buffers.at(0).data(), sizeof address);
    EXPECT_EQ(address % 256, static_cast<std::uint64_t>(skew));
  }
}

TEST_F(AttestCuda, AStoreBehindABufferIsFoundWithItsDistance) {
  const auto executor = make_cuda_executor(simulated());
  const Finding behind = finding_of(*executor, store_at(72));
  EXPECT_EQ(behind.kind, FindingKind::out_of_bounds);
  EXPECT_EQ(behind.allocation, "o");
  EXPECT_EQ(behind.distance_bytes, 9);
  EXPECT_EQ(behind.size_bytes, 4);
  EXPECT_EQ(behind.party.access, Access::write);
  EXPECT_EQ(behind.space, Space::global);
  EXPECT_EQ(finding_of(*executor, store_at(64)).distance_bytes, 1);
}

TEST_F(AttestCuda, AStoreBeforeABufferIsFoundWithItsDistance) {
  const auto executor = make_cuda_executor(simulated());
  const Finding before = finding_of(*executor, store_at(-16));
  EXPECT_EQ(before.kind, FindingKind::out_of_bounds);
  EXPECT_EQ(before.distance_bytes, -16);
  EXPECT_EQ(before.allocation, "o");
}

TEST_F(AttestCuda, AStoreToAnInputIsFound) {
  const auto executor = make_cuda_executor(simulated());
  const std::array<int, 16> zeros{};
  Job job;
  job.buffers = {input("a", std::as_bytes(std::span(zeros)))};
  job.launches = {launch("store_at", {buffer(0), long_value(12)}), launch("nothing", {})};
  auto execution = executor->run(job);
  ASSERT_TRUE(execution) << execution.error().to_string();
  ASSERT_EQ(execution->findings.size(), 1U);
  EXPECT_EQ(execution->findings[0].allocation, "a");
  EXPECT_EQ(execution->findings[0].distance_bytes, 0);
  EXPECT_EQ(execution->findings[0].kernel, "store_at");
  EXPECT_EQ(execution->launches.size(), 1U);  // a finding ends the job
}

TEST_F(AttestCuda, FaultsOfTheDeviceAreFindingsAndTheNextJobRuns) {
  struct Fault {
    Launch what;
    FindingKind kind;
    const char* name;
  };
  const auto executor = make_cuda_executor(simulated());
  for (const Fault& fault :
       {Fault{store_at(std::int64_t{1} << 40), FindingKind::out_of_bounds, "ILLEGAL_ADDRESS (700)"},
        Fault{store_at(2), FindingKind::misaligned, "MISALIGNED_ADDRESS (716)"},
        Fault{launch("stop", {}), FindingKind::trap, "("}}) {
    const Finding finding = finding_of(*executor, fault.what);
    EXPECT_EQ(name(finding.kind), name(fault.kind));
    EXPECT_NE(finding.message.find(fault.name), std::string::npos) << finding.message;
    EXPECT_NE(finding.message.find("cuEventQuery(hEvent="), std::string::npos) << finding.message;
    expect_added(*executor);
  }
}

TEST_F(AttestCuda, ALaunchThatTheDriverEndsMakesNoProgress) {
  const auto executor = make_cuda_executor(simulated({{"ATTEST_SIMULATED_STEPS", "100000"}}));
  const Finding finding = finding_of(*executor, launch("spin", {buffer(0)}));
  EXPECT_EQ(finding.kind, FindingKind::no_progress);
  EXPECT_NE(finding.message.find("CUDA_ERROR_LAUNCH_TIMEOUT"), std::string::npos)
      << finding.message;
  expect_added(*executor);
}

TEST_F(AttestCuda, ALaunchThatNeverEndsIsEndedInTime) {
  CudaOptions options =
      simulated({{"ATTEST_SIMULATED_STEPS", "100000"}, {"ATTEST_SIMULATED_HANG", "1"}});
  options.launch_ms = 300;
  options.other_ms = 5'000;
  const auto executor = make_cuda_executor(options);
  const Finding finding = finding_of(*executor, launch("spin", {buffer(0)}));
  EXPECT_EQ(finding.kind, FindingKind::no_progress);
  EXPECT_FALSE(finding.message.empty());
  expect_added(*executor);
}

TEST_F(AttestCuda, SharedMemoryBeyondThePlainLimitIsAskedFor) {
  const auto executor = make_cuda_executor(simulated());
  Launch reverse = launch("reverse", {buffer(0)}, 1, 16);
  reverse.dynamic_shared_bytes = 100'000;
  Job job;
  job.buffers = {output("o", 64)};
  job.launches = {reverse};
  auto execution = executor->run(job);
  ASSERT_TRUE(execution) << execution.error().to_string();
  ASSERT_TRUE(execution->findings.empty()) << describe(execution->findings.front());
  EXPECT_EQ(ints(execution->buffers.at(0)).front(), 15);
  EXPECT_EQ(execution->launches.at(0).shared_bytes, 100'000);
}

TEST_F(AttestCuda, LaunchesThatTheDriverRefusesAreFindings) {
  const auto executor = make_cuda_executor(simulated());
  Launch reverse = launch("reverse", {buffer(0)}, 1, 16);
  reverse.dynamic_shared_bytes = 10'000'000;
  EXPECT_EQ(finding_of(*executor, reverse).kind, FindingKind::invalid_launch);
  const Finding block = finding_of(*executor, launch("nothing", {}, 1, 4096));
  EXPECT_EQ(block.kind, FindingKind::invalid_launch);
  EXPECT_NE(block.message.find("blockDimX=4096"), std::string::npos) << block.message;
  expect_added(*executor);
}

TEST_F(AttestCuda, CooperativeLaunchesWaitForTheWholeGrid) {
  constexpr unsigned kBlocks = 8;
  const auto executor = make_cuda_executor(simulated());
  const std::array<unsigned, 1> zero{};
  Job job;
  job.buffers = {{"sum", BufferRole::update, 4, 0, std::as_bytes(std::span(zero))},
                 output("seen", kBlocks * 4)};
  job.launches = {launch("grid_sum", {buffer(0), buffer(1)}, kBlocks, 1)};
  job.launches[0].is_cooperative = true;
  auto execution = executor->run(job);
  ASSERT_TRUE(execution) << execution.error().to_string();
  ASSERT_TRUE(execution->findings.empty()) << describe(execution->findings.front());
  EXPECT_EQ(ints(execution->buffers.at(1)), std::vector<int>(kBlocks, kBlocks));
}

TEST_F(AttestCuda, TextThatIsNoPtxIsAnErrorOfTheInput) {
  const auto executor = make_cuda_executor(simulated());
  AddOne add;
  add.job.launches[0].image.ptx = ".version 9.0\n.target sm_80\n.address_size 64\nnonsense;\n";
  const auto broken = executor->run(add.job);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, Code::bad_input);
  EXPECT_NE(broken.error().message.find("cuModuleLoadDataEx("), std::string::npos)
      << broken.error().message;
  AddOne other;
  other.job.launches[0].entry = "no_such_entry";
  const auto missing = executor->run(other.job);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().where, "no_such_entry");
  expect_added(*executor);
}

TEST_F(AttestCuda, BuffersBeyondTheJobsLimitAreAFinding) {
  const auto executor = make_cuda_executor(simulated());
  AddOne add;
  add.job.limits.memory_bytes = 500;
  auto execution = executor->run(add.job);
  ASSERT_TRUE(execution);
  ASSERT_EQ(execution->findings.size(), 1U);
  EXPECT_EQ(execution->findings[0].kind, FindingKind::memory_limit);
}

TEST_F(AttestCuda, MemoryThatTheDeviceLacksIsAnErrorThatNamesTheCall) {
  const auto executor = make_cuda_executor(simulated({{"ATTEST_SIMULATED_MEMORY", "1000000"}}));
  Job job;
  job.buffers = {output("o", 10'000'000)};
  job.launches = {launch("nothing", {})};
  const auto result = executor->run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::limit);
  EXPECT_NE(result.error().message.find("cuMemAlloc_v2(bytesize=100330"), std::string::npos)
      << result.error().message;
  EXPECT_NE(result.error().message.find(") = CUDA_ERROR_OUT_OF_MEMORY (2)"), std::string::npos)
      << result.error().message;
}

TEST_F(AttestCuda, NamesTheSimulatedGpu) {
  const auto gpu = probe_cuda(simulated({{"ATTEST_SIMULATED_GPU", "sm_90"}}));
  ASSERT_TRUE(gpu) << gpu.error().to_string();
  EXPECT_NE(gpu.value().find("sm_90"), std::string::npos) << gpu.value();
}

TEST_F(AttestCuda, WithoutADriverSaysSo) {
  CudaOptions options;
  options.worker = ATTEST_CUDA_PROGRAM;
  const auto gpu = probe_cuda(options);
  ASSERT_FALSE(gpu);
  EXPECT_EQ(gpu.error().code, Code::unsupported);
  EXPECT_NE(gpu.error().message.find("libcuda.so.1"), std::string::npos) << gpu.error().message;
  const AddOne add;
  const auto result = make_cuda_executor(options)->run(add.job);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("libcuda.so.1"), std::string::npos);
}

TEST(CudaExecutor, WithoutTheProgramSaysThatItIsNotBuilt) {
  CudaOptions options;
  options.worker = "/nonexistent/attest-cuda";
  const AddOne add;
  const auto result = make_cuda_executor(options)->run(add.job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::unsupported);
  EXPECT_NE(result.error().message.find("not built"), std::string::npos);
}

}  // namespace
}  // namespace attest::cuda
