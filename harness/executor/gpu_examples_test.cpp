// The examples of every PTX instruction on a GPU, against the bits that they expect. Skipped without
// one; on the simulated driver where ATTEST_SIMULATED_FOLDER names its folder.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/cuda_executor.h"
#include "harness/ptx/decode/example_kernel.h"
#include "harness/ptx/decode/insn_sets.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace attest {
namespace {

using ptx::kLanes;

CudaOptions options() {
  CudaOptions out;
  out.worker = ATTEST_CUDA_PROGRAM;
  if (const char* folder = std::getenv("ATTEST_SIMULATED_FOLDER"); folder != nullptr) {
    out.environment = {{"LD_LIBRARY_PATH", folder}, {"ATTEST_SIMULATED_GPU", "sm_90"}};
  }
  return out;
}

/// 90 of "NVIDIA H100, sm_90, ..": what the examples are compiled for.
int target_of(const std::string& gpu) {
  const std::size_t at = gpu.find("sm_");
  return at == std::string::npos ? 80 : std::atoi(gpu.c_str() + at + 3);
}

struct Gpu {
  Result<std::string> name = probe_cuda(options());
  std::unique_ptr<Executor> executor = make_cuda_executor(options());
};

Gpu& gpu() {
  static Gpu instance;
  return instance;
}

/// [output][lane]; an Error with PTX that the GPU does not take, or a finding's words.
Result<std::vector<std::uint64_t>> run(const std::string& text, std::size_t outputs) {
  Job job;
  const std::size_t words = outputs * kLanes;
  job.buffers = {
      {"out", BufferRole::output, static_cast<std::int64_t>(words * sizeof(std::uint64_t)), 0, {}}};
  Launch launch;
  launch.image = {"example", text};
  launch.entry = "example";
  launch.block = {kLanes, 1, 1};
  launch.parameters.resize(sizeof(std::uint64_t));
  launch.relocations = {{0, 0, 0}};
  job.launches = {launch};
  ATTEST_TRY(Execution execution, gpu().executor->run(job));
  if (!execution.findings.empty()) {
    return Error{Code::io, describe(execution.findings.front()), text};
  }
  std::vector<std::uint64_t> out(words);
  std::memcpy(out.data(), execution.buffers.at(0).data(), words * sizeof(std::uint64_t));
  return out;
}

class GpuExamples : public testing::TestWithParam<const ptx::Insn*> {
 protected:
  void SetUp() override {
    if (!gpu().name) GTEST_SKIP() << gpu().name.error().to_string();
  }
};

TEST_P(GpuExamples, HaveTheirBits) {
  const int target = target_of(gpu().name.value());
  int ran = 0;
  int not_for_this_gpu = 0;
  const auto expect = [&](const std::string& text,
                          const std::vector<std::vector<std::uint64_t>>& want,
                          std::string_view what) {
    const auto got = run(text, want.size());
    if (!got && got.error().code == Code::bad_input) {
      ++not_for_this_gpu;
      return;
    }
    ASSERT_TRUE(got) << what << ": " << got.error().to_string();
    ++ran;
    for (std::size_t n = 0; n < want.size(); ++n) {
      for (std::size_t lane = 0; lane < static_cast<std::size_t>(kLanes); ++lane) {
        EXPECT_EQ(got.value()[n * kLanes + lane], want[n][lane])
            << what << ", output " << n << ", lane " << lane;
      }
    }
  };
  for (const ptx::Example& example : GetParam()->examples) {
    std::size_t outputs = 0;
    const std::string text = ptx::example_kernel(example, false, &outputs, target);
    std::vector<std::vector<std::uint64_t>> want;
    for (const std::uint64_t value : example.outputs)
      want.emplace_back(kLanes, value);
    expect(text, want, example.instruction);
  }
  for (const ptx::WarpExample& example : GetParam()->warp_examples) {
    const std::vector<std::uint64_t> want(example.values.begin(), example.values.end());
    expect(ptx::warp_kernel(example, target), {want}, example.body);
  }
  RecordProperty("ran", ran);
  RecordProperty("not_for_this_gpu", not_for_this_gpu);
  if (ran == 0) GTEST_SKIP() << "no example of it is for sm_" << target;
}

std::vector<const ptx::Insn*> every_insn() {
  std::vector<const ptx::Insn*> out;
  for (const ptx::Insn& insn : ptx::insns(ptx::usable_simds().front()))
    out.push_back(&insn);
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, GpuExamples, testing::ValuesIn(every_insn()), [](const auto& tested) {
  return std::string(tested.param->opcode);
});

}  // namespace
}  // namespace attest
