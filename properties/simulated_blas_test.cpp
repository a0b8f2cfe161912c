// GEMMs as attest-cuda asks cuBLAS for them, on a cuBLAS of the simulated driver: results, bias, and how
// many kernels they took; alone, and in the pipelines.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/cuda_executor.h"
#include "harness/judge/operation_judge.h"
#include "properties/layer_run.h"
#include "properties/operation_subject.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace attest {
namespace {

const Mode kOnGpu{.arch = "sm_80", .device = Device::cuda};

CudaOptions simulated() {
  CudaOptions options;
  options.worker = ATTEST_CUDA_PROGRAM;
  std::string path;
  for (const char* library : {ATTEST_SIMULATED_DRIVER, ATTEST_SIMULATED_CUBLAS})
    path += std::filesystem::path(library).parent_path().string() + ":";
  options.environment = {{"LD_LIBRARY_PATH", path}};
  return options;
}

class SimulatedBlas : public testing::Test {
 protected:
  void SetUp() override {
    std::error_code ignored;
    if (std::filesystem::exists("/proc/driver/nvidia", ignored)) {
      GTEST_SKIP() << "a real driver is here";
    }
  }
  std::unique_ptr<Executor> executor = make_cuda_executor(simulated());

  std::vector<std::string> kernels_of(const std::string& text) {
    const Operation operation = parse_operation(text).value();
    const Operands operands = draw_operands(operation);
    const OperationSubject subject = blas_subject({}, *executor);
    auto answer = subject.run(operation, operands, {.mode = kOnGpu});
    if (!answer) {
      ADD_FAILURE() << text << ": " << answer.error().to_string();
      return {};
    }
    EXPECT_TRUE(answer->findings.empty()) << text;
    const OperationTerms terms = reference_operation(operation, exact_balls(operands));
    const Judgement judgement =
        judge_operation(operation, answer->outputs, terms, Arithmetic{}, "sm_80");
    EXPECT_EQ(judgement.verdict, Verdict::agree) << text;
    EXPECT_EQ(judgement.ratio_o, 0) << text << ": integers are exact";
    std::vector<std::string> names;
    for (const LaunchRecord& launch : answer->launches)
      names.push_back(launch.kernel);
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_F(SimulatedBlas, ComputesGemmsInEveryDtype) {
  EXPECT_EQ(kernels_of("gemm(m=5,n=7,k=3,dtype=f32,data=integers)"), Names{"simulated_gemm_f32"});
  EXPECT_EQ(kernels_of("gemm(m=5,n=7,k=3,ta=1,data=integers)"), Names{"simulated_gemm_f16"});
  EXPECT_EQ(kernels_of("gemm(m=5,n=7,k=3,tb=1,alpha=0.25,dtype=bf16,data=integers)"),
            Names{"simulated_gemm_bf16"});
  EXPECT_EQ(kernels_of("gemm(b=2,h=3,m=4,n=6,k=80,tb=1,dtype=bf16,data=integers)"),
            Names{"simulated_gemm_bf16"});
}

TEST_F(SimulatedBlas, TakesALaunchForEachBatchWhereThereIsNoOneStride) {
  EXPECT_EQ(kernels_of("gemm(b=2,h=3,m=4,n=6,k=5,la=bshd(12),lb=bshd(7),lc=bshd,data=integers)"),
            (Names{"simulated_gemm_f16", "simulated_gemm_f16"}));
}

TEST_F(SimulatedBlas, AddsTheBiasOfEachColumn) {
  EXPECT_EQ(kernels_of("gemm(m=5,n=7,k=3,tb=1,bias=1,data=integers)"), Names{"simulated_gemm_f16"});
  EXPECT_EQ(kernels_of("gemm(b=2,m=4,n=6,k=5,lc=bhsd(2),bias=1,dtype=f32,data=integers)"),
            Names{"simulated_gemm_f32"});
}

TEST_F(SimulatedBlas, EveryKernelOfACallIsCounted) {
  EXPECT_EQ(kernels_of("gemm(m=9,n=5,k=70,tb=1,bias=1,dtype=bf16,data=integers)"),
            (Names{"simulated_splitk_bf16", "simulated_reduce_bf16"}));
}

class SimulatedBlasPipelines : public SimulatedBlas {
 protected:
  PipelineRecord run(const std::string& name, const std::string& text) {
    const LayerCase which = draw_layer_case(parse_layer(text).value(), kOnGpu);
    for (const Pipeline& pipeline : all_pipelines()) {
      if (pipeline.name == name) return run_pipeline(pipeline, which, *executor, Gemms::cublas);
    }
    ADD_FAILURE() << name;
    return {};
  }
};

/// 4 GEMMs, two of them over k = 64, which takes two launches there.
TEST_F(SimulatedBlasPipelines, AgreeAndCountWhatWasLaunched) {
  for (const char* dtype : {"f32", "f16", "bf16"}) {
    const auto layer = std::string("layer(s=24,d=64,h=2,dtype=") + dtype + ",seed=3)";
    const PipelineRecord eager = run("eager", layer);
    EXPECT_EQ(eager.verdict, Verdict::agree) << eager.reason;
    EXPECT_EQ(eager.name, "eager-cublas");
    EXPECT_EQ(eager.claimed, 10);
    EXPECT_EQ(eager.launches, 12);
    const PipelineRecord graph = run("graph-fused", layer);
    EXPECT_EQ(graph.verdict, Verdict::agree) << graph.reason;
    EXPECT_EQ(graph.launches, 9);
    ASSERT_EQ(graph.stages.size(), 9U);
    EXPECT_EQ(graph.stages[0].launch.kernel, std::string("simulated_splitk_") + dtype);
    EXPECT_EQ(graph.stages[1].launch.kernel, std::string("simulated_reduce_") + dtype);
    EXPECT_EQ(graph.stages[1].problem, graph.stages[0].problem);
    for (const StageRecord& stage : graph.stages)
      EXPECT_EQ(stage.verdict, Verdict::agree) << stage.launch.kernel;
  }
}

TEST_F(SimulatedBlasPipelines, OfSeveralBatchesAndHeadsTakeOneCallEach) {
  const PipelineRecord eager = run("eager", "layer(b=2,s=17,d=32,h=2,seed=5)");
  EXPECT_EQ(eager.verdict, Verdict::agree) << eager.reason;
  EXPECT_EQ(eager.launches, 12);  // scores and P v: one for each batch
}

TEST_F(SimulatedBlasPipelines, AreTheTwoWhoseGemmsAreAlone) {
  const LayerProblem layer = parse_layer("layer(s=24,d=64,h=2)").value();
  Names taken;
  for (const Pipeline* pipeline : pipelines_by_launches()) {
    if (takes_cublas(*pipeline, layer)) taken.push_back(pipeline->name);
  }
  EXPECT_EQ(taken, (Names{"eager", "graph-fused"}));
}

TEST_F(SimulatedBlasPipelines, WithoutCublasAreNotRunAndSayWhy) {
  CudaOptions options = simulated();
  options.environment = {
      {"LD_LIBRARY_PATH", std::filesystem::path(ATTEST_SIMULATED_DRIVER).parent_path().string()}};
  executor = make_cuda_executor(options);
  const PipelineRecord eager = run("eager", "layer(s=24,d=64,h=2)");
  EXPECT_EQ(eager.verdict, Verdict::not_run);
  EXPECT_NE(eager.reason.find("cublas"), std::string::npos) << eager.reason;
}

}  // namespace
}  // namespace attest
