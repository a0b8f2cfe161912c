// An error of each function of the driver in turn: the right words, no crash, and no loop.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/testing.h"
#include "harness/executor/job_message.h"
#include "harness/process/worker.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace attest::cuda {
namespace {

Result<Worker> start(const CudaOptions& options) {
  WorkerOptions worker;
  worker.command = {options.worker};
  worker.environment = options.environment;
  return Worker::start(worker);
}

/// What the worker uses of the driver, as it says itself.
std::vector<std::string> used_symbols() {
  auto started = start(simulated());
  if (!started) return {};
  auto answer = started->ask({R"({"ask":"parts"})", {}}, 60'000);
  if (!answer) return {};
  return nlohmann::json::parse(answer->text).at("symbols");
}

/// One plain and one cooperative launch, with an input and much shared memory: all that a job can ask.
Job job_of_everything(std::span<const std::byte> contents) {
  Job job;
  job.buffers = {input("a", contents), output("o", 64), output("p", 64)};
  job.launches = {launch("add_one", {buffer(1), buffer(0), int_value(4)}, 1, 32),
                  launch("reverse", {buffer(2)}, 1, 16),
                  launch("nothing", {})};
  job.launches[1].dynamic_shared_bytes = 60'000;
  job.launches[2].is_cooperative = true;
  return job;
}

/// Failures of these do not reach a job: what is given back at its end, words for errors, and what
/// counts kernels of cuBLAS.
const std::set<std::string>& harmless() {
  static const std::set<std::string> names = {"cuMemFree_v2",
                                              "cuModuleUnload",
                                              "cuStreamDestroy_v2",
                                              "cuEventDestroy_v2",
                                              "cuDevicePrimaryCtxRelease_v2",
                                              "cuGetErrorName",
                                              "cuGetErrorString",
                                              "cuStreamBeginCapture_v2",
                                              "cuStreamEndCapture",
                                              "cuGraphGetNodes",
                                              "cuGraphNodeGetType",
                                              "cuGraphKernelNodeGetParams_v2",
                                              "cuGraphDestroy",
                                              "cuFuncGetName"};
  return names;
}

TEST(InjectedError, OfEachFunctionIsNamedAndTheNextJobRuns) {
  if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  const std::array<int, 4> four{};
  const Job job = job_of_everything(std::as_bytes(std::span(four)));
  const std::vector<std::string> symbols = used_symbols();
  ASSERT_GT(symbols.size(), 30U);
  std::size_t named = 0;
  for (const std::string& symbol : symbols) {
    const auto executor = make_cuda_executor(
        simulated({{"ATTEST_SIMULATED_FAULT", symbol + ":1=CUDA_ERROR_NOT_PERMITTED"}}));
    auto result = executor->run(job);
    if (harmless().contains(symbol)) {
      ASSERT_TRUE(result) << symbol << ": " << result.error().to_string();
      EXPECT_TRUE(result->findings.empty()) << symbol << ": " << describe(result->findings[0]);
      continue;
    }
    ASSERT_FALSE(result) << symbol;
    ++named;
    const std::string text = result.error().to_string();
    EXPECT_NE(text.find(symbol + "("), std::string::npos) << symbol << ": " << text;
    EXPECT_NE(text.find("CUDA_ERROR_NOT_PERMITTED (800)"), std::string::npos) << text;
    EXPECT_EQ(text.find("died"), std::string::npos) << text;
    const auto again = executor->run(job);  // the second call of the function works
    ASSERT_TRUE(again) << symbol << ": " << again.error().to_string();
  }
  EXPECT_EQ(named + harmless().size(), symbols.size());
}

/// Under a sanitizer the worker's own leaks count too.
TEST(InjectedError, LeavesNothingBehind) {
  if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  constexpr std::int64_t kPatienceMs = 60'000;
  const std::array<int, 4> four{};
  const Message job = encode_job(job_of_everything(std::as_bytes(std::span(four))), kPatienceMs);
  std::vector<std::string> faults = {"cuMemAlloc_v2:3", "cuMemcpyDtoH_v2:4", "cuEventRecord:3"};
  for (const std::string& symbol : used_symbols()) {
    const bool gives_back = symbol == "cuMemFree_v2" || symbol == "cuModuleUnload" ||
                            symbol == "cuStreamDestroy_v2" || symbol == "cuEventDestroy_v2" ||
                            symbol == "cuGraphDestroy";
    if (!gives_back) faults.push_back(symbol + ":1");
  }
  ASSERT_GT(faults.size(), 30U);
  for (const std::string& fault : faults) {
    auto worker = start(simulated({{"ATTEST_SIMULATED_FAULT", fault + "=CUDA_ERROR_NOT_PERMITTED"},
                                   {"ATTEST_SIMULATED_LEAKS", "1"}}));
    ASSERT_TRUE(worker);
    for (int n = 0; n < 2; ++n) {
      const auto answer = worker->ask(job, kPatienceMs);
      ASSERT_TRUE(answer) << fault << ": " << answer.error().to_string();
    }
    const Status ended = worker->finish(kPatienceMs);
    EXPECT_TRUE(ended) << fault << ": " << ended.error().to_string();
  }
}

TEST(InjectedError, InTheMiddleOfAJobIsNamedToo) {
  if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  const std::array<int, 4> four{};
  const Job job = job_of_everything(std::as_bytes(std::span(four)));
  for (const char* where : {"cuMemAlloc_v2:3", "cuMemcpyDtoH_v2:4", "cuEventRecord:3"}) {
    const auto executor = make_cuda_executor(
        simulated({{"ATTEST_SIMULATED_FAULT", std::string(where) + "=CUDA_ERROR_OUT_OF_MEMORY"}}));
    const auto result = executor->run(job);
    ASSERT_FALSE(result) << where;
    EXPECT_EQ(result.error().code, Code::limit);
    const std::string symbol = std::string(where).substr(0, std::string(where).find(':'));
    EXPECT_NE(result.error().message.find(symbol + "("), std::string::npos);
  }
}

}  // namespace
}  // namespace attest::cuda
