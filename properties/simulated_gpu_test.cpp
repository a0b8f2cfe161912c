// Every kernel of the catalogue through attest-cuda on the simulated driver: the interpreter's bits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/cuda_executor.h"
#include "harness/executor/device_executor.h"
#include "harness/executor/ptx_executor.h"
#include "kernels/layer_launch.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/layer_run.h"
#include "properties/search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <map>

namespace attest {
namespace {

constexpr std::int64_t kCasesOfAKernel = 6;

std::string simulated_folder() {
  return std::filesystem::path(ATTEST_SIMULATED_DRIVER).parent_path().string();
}

std::unique_ptr<Executor> both_devices() {
  CudaOptions options;
  options.worker = ATTEST_CUDA_PROGRAM;
  options.environment = {{"LD_LIBRARY_PATH", simulated_folder()}};
  return make_device_executor(make_ptx_executor(), make_cuda_executor(options));
}

bool has_real_driver() {
  std::error_code ignored;
  return std::filesystem::exists("/proc/driver/nvidia", ignored);
}

Mode on(Device device) {
  return {.device = device};
}

template <class Tensor>
void expect_same_bytes(const std::vector<Tensor>& a, const std::vector<Tensor>& b, const Case& of) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t n = 0; n < a.size(); ++n)
    EXPECT_EQ(a[n].bytes, b[n].bytes) << replay_line(of);
}

void compare(const PlannedCase& planned, Executor& executor) {
  const Problem& problem = planned.which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Subject subject = kernel_subject(*planned.kernel, executor);
  auto cpu = subject.run(problem, inputs, {.mode = on(Device::ptx)});
  auto gpu = subject.run(problem, inputs, {.mode = on(Device::cuda)});
  ASSERT_TRUE(cpu) << cpu.error().to_string();
  ASSERT_TRUE(gpu) << gpu.error().to_string();
  ASSERT_TRUE(gpu->findings.empty()) << describe(gpu->findings.front());
  expect_same_bytes<HostTensor>({gpu->outputs.o}, {cpu->outputs.o}, planned.which);
  ASSERT_EQ(gpu->outputs.lse.size(), cpu->outputs.lse.size());
  EXPECT_TRUE(std::equal(cpu->outputs.lse.begin(),
                         cpu->outputs.lse.end(),
                         gpu->outputs.lse.begin(),
                         [](float a, float b) {
                           return std::bit_cast<std::uint32_t>(a) ==
                                  std::bit_cast<std::uint32_t>(b);
                         }))
      << replay_line(planned.which);
  EXPECT_EQ(gpu->launches.size(), cpu->launches.size());
}

void compare_operation(const PlannedCase& planned, Executor& executor) {
  const Operation operation = as_operation(planned.which.problem).value();
  const Operands operands = draw_operands(operation);
  const OperationSubject subject = kernel_subject(*planned.operation, executor);
  auto cpu = subject.run(operation, operands, {.mode = on(Device::ptx)});
  auto gpu = subject.run(operation, operands, {.mode = on(Device::cuda)});
  ASSERT_TRUE(cpu) << cpu.error().to_string();
  ASSERT_TRUE(gpu) << gpu.error().to_string();
  ASSERT_TRUE(gpu->findings.empty()) << describe(gpu->findings.front());
  expect_same_bytes<HostTensor>(gpu->outputs.c, cpu->outputs.c, planned.which);
  EXPECT_EQ(gpu->outputs.bytes, cpu->outputs.bytes) << replay_line(planned.which);
}

TEST(SimulatedGpu, EveryKernelHasTheInterpretersBits) {
  if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  const auto executor = both_devices();
  std::map<std::string, int> compared;
  SearchOptions options;
  for (const KernelSpec& kernel : all_kernels())
    options.kernels.push_back(&kernel);
  for (const OperationSpec& kernel : all_operation_specs())
    options.operations.push_back(&kernel);
  for (const Property& property : all_properties()) {
    if (property.name == "agrees_with_reference") options.properties = {&property};
  }
  options.profile = find_profile("quick").value();
  options.profile.work = 1 << 16;
  options.profile.cases = kCasesOfAKernel * static_cast<std::int64_t>(options.kernels.size());
  options.profile.operation_cases =
      kCasesOfAKernel * static_cast<std::int64_t>(options.operations.size());
  for (const PlannedCase& planned : plan_cases(options).cases) {
    const bool is_attention = planned.kernel != nullptr;
    const bool is_refused =
        is_attention
            ? planned.kernel->refusal(planned.which.attention()).has_value()
            : planned.operation->refusal(as_operation(planned.which.problem).value()).has_value();
    if (is_refused) continue;
    is_attention ? compare(planned, *executor) : compare_operation(planned, *executor);
    if (HasFatalFailure()) return;
    ++compared[planned.which.kernel];
  }
  for (const KernelSpec* kernel : options.kernels)
    EXPECT_GT(compared[kernel->name], 0) << kernel->name;
  for (const OperationSpec* kernel : options.operations)
    EXPECT_GT(compared[kernel->name], 0) << kernel->name;
}

class EveryPipeline : public testing::TestWithParam<const Pipeline*> {};

/// 10, 7, 5, 3 and 1 launches, one of them cooperative, each judged.
TEST_P(EveryPipeline, RunsOnTheSimulatedGpu) {
  if (has_real_driver()) GTEST_SKIP() << "a real driver is here";
  const auto executor = both_devices();
  const LayerCase which =
      draw_layer_case(parse_layer("layer(s=32,d=64,h=2)").value(), on(Device::cuda));
  const PipelineRecord record = run_pipeline(*GetParam(), which, *executor);
  EXPECT_EQ(record.verdict, Verdict::agree) << record.reason;
  EXPECT_EQ(record.launches, GetParam()->launches);
}

INSTANTIATE_TEST_SUITE_P(All,
                         EveryPipeline,
                         testing::ValuesIn(pipelines_by_launches()),
                         [](const auto& tested) {
                           std::string name = tested.param->name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace attest
