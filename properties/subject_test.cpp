// What a kernel's subject hands to the executor, and what it makes of the answer.
// SPDX-License-Identifier: Apache-2.0
#include "properties/subject.h"

#include "properties/planted.h"

#include <gtest/gtest.h>

#include <cstring>

namespace attest {
namespace {

/// Remembers the job and answers with `answer(job)`.
class FakeExecutor : public Executor {
 public:
  std::function<Result<Execution>(const Job&)> answer;
  std::vector<Job> jobs;

  Result<Execution> run(const Job& job) override {
    jobs.push_back(job);
    return answer(job);
  }
};

/// Outputs as the job made them: every byte the dirt.
Execution untouched(const Job& job) {
  Execution execution;
  for (const BufferSpec& buffer : job.buffers) {
    const bool is_output = buffer.role == BufferRole::output;
    execution.buffers.emplace_back(is_output ? static_cast<std::size_t>(buffer.size_bytes) : 0,
                                   std::byte{job.dirt});
  }
  return execution;
}

KernelSpec launching_kernel() {
  KernelSpec kernel = claim_all("launching", {Dtype::f16});
  kernel.image = {"launching", "//\n.version 8.0\n.target sm_90, debug\n.address_size 64\n"};
  kernel.plan = [](const KernelImage& image, const Problem&) {
    Launch launch;
    launch.image = image;
    launch.entry = "entry";
    return std::vector<Launch>{launch};
  };
  return kernel;
}

const char* const kProblem =
    "attn(b=2,hq=4,hkv=2,sq=3,skv=5,d=8,gap(o=4),skew(q=2,o=6),mask=padding(5,1)&bool,seed=4)";

TEST(KernelSubject, HandsOverBuffersInTheOrderOfTheAbi) {
  const KernelSpec kernel = launching_kernel();
  FakeExecutor executor;
  executor.answer = untouched;
  const Problem problem = parse_problem(kProblem).value();
  const Inputs inputs = draw_inputs(problem);
  Conditions with{.mode = {.arch = "sm_80", .schedule = 7}, .dirt = 0x11};
  ASSERT_TRUE(kernel_subject(kernel, executor).run(problem, inputs, with).has_value());
  ASSERT_EQ(executor.jobs.size(), 1U);
  const Job& job = executor.jobs.front();
  EXPECT_EQ(job.mode, with.mode);
  EXPECT_EQ(job.dirt, 0x11);
  EXPECT_TRUE(job.checks);
  ASSERT_EQ(job.buffers.size(), 7U);
  const std::vector<std::string> names = {"q", "k", "v", "o", "lse", "keep", "kv_lengths"};
  // b * s * (h * d + gap) * 2 bytes, less the last gap; b * h * s * 4; b * sq * skv; b * 4.
  const std::vector<std::int64_t> sizes = {384, 320, 320, (6 * 36 - 4) * 2, 96, 30, 8};
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(job.buffers[i].name, names[i]);
    EXPECT_EQ(job.buffers[i].size_bytes, sizes[i]) << names[i];
    const bool is_output = names[i] == "o" || names[i] == "lse";
    EXPECT_EQ(job.buffers[i].role, is_output ? BufferRole::output : BufferRole::input);
    EXPECT_EQ(job.buffers[i].contents.empty(), is_output);
  }
  EXPECT_EQ(job.buffers[0].skew_bytes, 2);
  EXPECT_EQ(job.buffers[3].skew_bytes, 6);
  EXPECT_EQ(job.buffers[1].skew_bytes, 0);
}

TEST(KernelSubject, TakesItsArchFromThePtx) {
  const KernelSpec kernel = launching_kernel();
  FakeExecutor executor;
  EXPECT_EQ(kernel_subject(kernel, executor).arch, "sm_90");
}

TEST(KernelSubject, ReturnsWhatTheExecutorWrote) {
  const KernelSpec kernel = launching_kernel();
  FakeExecutor executor;
  executor.answer = [](const Job& job) {
    Execution execution = untouched(job);
    execution.buffers[3][0] = std::byte{0x34};
    execution.buffers[3][1] = std::byte{0x12};
    const float lse = 2.5F;
    std::memcpy(execution.buffers[4].data() + 4 * 5, &lse, sizeof lse);
    execution.launches.emplace_back();
    execution.launches.back().counts.warp_instructions = 9;
    return execution;
  };
  const Problem problem = parse_problem(kProblem).value();
  const auto answer = kernel_subject(kernel, executor).run(problem, draw_inputs(problem), {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->outputs.o.bits(0, 0, 0, 0), 0x1234U);
  EXPECT_EQ(answer->outputs.lse[5], 2.5F);
  EXPECT_TRUE(answer->findings.empty());
  ASSERT_EQ(answer->launches.size(), 1U);
  EXPECT_EQ(answer->launches.front().counts.warp_instructions, 9);
}

TEST(KernelSubject, AByteChangedBetweenRowsIsAFinding) {
  const KernelSpec kernel = launching_kernel();
  const Problem problem = parse_problem(kProblem).value();
  for (const std::size_t byte : {64U, 71U, 72U + 64U}) {
    FakeExecutor executor;
    executor.answer = [byte](const Job& job) {
      Execution execution = untouched(job);
      execution.buffers[3][byte] = std::byte{0};
      return execution;
    };
    const auto answer = kernel_subject(kernel, executor).run(problem, draw_inputs(problem), {});
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->findings.size(), 1U);
    EXPECT_EQ(answer->findings.front().kind, FindingKind::guard_band);
    EXPECT_EQ(answer->findings.front().allocation, "o");
    EXPECT_NE(answer->findings.front().message.find(std::to_string(byte)), std::string::npos);
  }
}

TEST(KernelSubject, WithoutALaunchOutputsStayDirtyAndTheExecutorIsNotAsked) {
  KernelSpec kernel = claim_all("silent", {Dtype::f32});
  FakeExecutor executor;
  const Problem problem = parse_problem("attn(sq=2,skv=3,d=4,dtype=f32)").value();
  const auto answer = kernel_subject(kernel, executor).run(problem, draw_inputs(problem), {});
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(executor.jobs.empty());
  EXPECT_EQ(answer->outputs.o.bits(0, 0, 1, 3), 0xffffffffU);
  // A kernel that should have launched is caught, because nothing was written.
  Case which = case_of("attn(sq=2,skv=3,d=4,dtype=f32)");
  EXPECT_EQ(run_case(which, kernel, property_named("agrees_with_reference"), executor).verdict,
            Verdict::disagree);
}

TEST(KernelSubject, AnEarlyEndWithoutOutputsKeepsItsFindings) {
  const KernelSpec kernel = launching_kernel();
  FakeExecutor executor;
  executor.answer = [](const Job&) {
    Execution execution;
    execution.findings.emplace_back();
    execution.findings.back().kind = FindingKind::no_progress;
    return execution;
  };
  const CaseResult result =
      run_case(case_of(kProblem), kernel, property_named("agrees_with_reference"), executor);
  EXPECT_EQ(result.verdict, Verdict::fault);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings.front().kind, FindingKind::no_progress);
}

TEST(KernelSubject, AnExecutorsErrorBecomesNotRunWithItsText) {
  const KernelSpec kernel = launching_kernel();
  FakeExecutor executor;
  executor.answer = [](const Job&) -> Result<Execution> {
    return Error{Code::unsupported, "instruction 'frobnicate'", "launching.ptx:12"};
  };
  const CaseResult result =
      run_case(case_of(kProblem), kernel, property_named("agrees_with_reference"), executor);
  EXPECT_EQ(result.verdict, Verdict::not_run);
  EXPECT_EQ(result.reason, "launching.ptx:12: instruction 'frobnicate'");
}

TEST(KernelSubject, ARefusalIsAnsweredWithoutARun) {
  const KernelSpec kernel = claim_aligned("aligned", {Dtype::f16});
  FakeExecutor executor;
  const CaseResult result = run_case(
      case_of("attn(sq=2,skew(q=2))"), kernel, property_named("agrees_with_reference"), executor);
  EXPECT_EQ(result.verdict, Verdict::refused);
  EXPECT_EQ(result.reason, "rows that are not multiples of 16 bytes");
}

}  // namespace
}  // namespace attest
