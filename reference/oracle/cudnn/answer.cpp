// Answers the questions: asks cuDNN, evaluates the graphs of its plans, executes where a GPU is.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/answer.h"

#include "harness/problem/data.h"
#include "reference/oracle/cudnn/execution.h"
#include "reference/oracle/cudnn/gpu.h"
#include "reference/oracle/cudnn/support.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {
namespace {

Result<const DescribedGpu*> find_gpu(int sm) {
  const auto& gpus = described_gpus();
  const auto at =
      std::find_if(gpus.begin(), gpus.end(), [&](const DescribedGpu& gpu) { return gpu.sm == sm; });
  if (at == gpus.end())
    return Error{Code::bad_input, fmt::format("no described GPU sm_{}", sm), "attest-cudnn"};
  return &*at;
}

CudnnAnswer refused(const Error& error) {
  CudnnAnswer answer;
  answer.tier = CudnnTier::refused;
  answer.reason = error.message;
  return answer;
}

CudnnAnswer admitted(const Sdpa& sdpa, const DescribedGpu& gpu) {
  const auto admission = admit(sdpa, gpu.sm, device_json(gpu));
  if (!admission) return refused(admission.error());
  CudnnAnswer answer;
  answer.tier = CudnnTier::admitted;
  answer.engine = admission->engine;
  return answer;
}

Result<SerialisedPlan> plan_of(const Sdpa& sdpa,
                               SdpaForm form,
                               const DescribedGpu& gpu,
                               const PlanCache& cache) {
  const std::string device = device_json(gpu);
  const std::string request =
      to_string(sdpa) + (form == SdpaForm::composite ? " composite " : " ") + device;
  if (auto plan = cache.find(request)) return std::move(*plan);
  ATTEST_TRY(SerialisedPlan plan, build_plan(sdpa, form, gpu.sm, device));
  cache.store(request, plan);
  return plan;
}

/// The composite form's plan. Where the GPU has no engine for it in f32 (too little shared memory for wide
/// heads), that in bf16: the element type is no part of what the graph computes in double.
Result<SerialisedPlan> composite_plan(const Sdpa& sdpa,
                                      const DescribedGpu& gpu,
                                      const PlanCache& cache,
                                      CudnnAnswer& answer) {
  auto plan = plan_of(sdpa, SdpaForm::composite, gpu, cache);
  Sdpa form = sdpa;
  if (!plan && sdpa.type == SdpaType::f32) {
    form.type = SdpaType::bf16;
    plan = plan_of(form, SdpaForm::composite, gpu, cache);
  }
  answer.composite = name(form.type);
  if (plan) return plan;
  return Error{plan.error().code, "its composite form is refused: " + plan.error().message, ""};
}

/// What the plan's graph says. A plan of one node has nothing to evaluate: then it is the graph of the
/// composite form, which the frontend gives for the same attention.
Result<GraphOpinion> opinion_of(LoweredPlan lowered,
                                const Problem& problem,
                                const Sdpa& sdpa,
                                const DescribedGpu& gpu,
                                const PlanCache& cache,
                                CudnnAnswer& answer) {
  if (lowered.graph.nodes.size() == 1) {
    ATTEST_TRY(const SerialisedPlan plan, composite_plan(sdpa, gpu, cache, answer));
    ATTEST_TRY(lowered, read_plan(plan.ubjson));
  }
  answer.nodes = static_cast<std::int64_t>(lowered.graph.nodes.size());
  return graph_opinion(lowered.graph, problem, sdpa);
}

CudnnAnswer planned(const Problem& drawn, const DescribedGpu& gpu, const PlanCache& cache) {
  const Problem problem = convention_problem(drawn);
  const auto sdpa = as_sdpa(problem);
  if (!sdpa) return refused(sdpa.error());
  const auto plan = plan_of(*sdpa, SdpaForm::chosen, gpu, cache);
  if (!plan) return refused(plan.error());
  CudnnAnswer answer;
  answer.tier = CudnnTier::planned;
  answer.engine = plan->admission.engine;
  answer.workspace_bytes = plan->admission.workspace_bytes;
  const auto lowered = read_plan(plan->ubjson);
  if (!lowered) {
    answer.skipped = lowered.error().to_string();
    return answer;
  }
  answer.kernels = lowered->kernels;
  auto opinion = opinion_of(*lowered, problem, *sdpa, gpu, cache, answer);
  if (opinion) {
    answer.opinion = std::move(*opinion);
  } else {
    answer.skipped = opinion.error().to_string();
  }
  return answer;
}

/// The plan alone: backward, and what no case of attest asks.
CudnnAnswer built(const Sdpa& sdpa, const DescribedGpu& gpu, const PlanCache& cache) {
  const auto plan = plan_of(sdpa, SdpaForm::chosen, gpu, cache);
  if (!plan) return refused(plan.error());
  auto kernels = read_kernels(plan->ubjson);
  if (!kernels) return refused(kernels.error());
  CudnnAnswer answer;
  answer.tier = CudnnTier::planned;
  answer.engine = plan->admission.engine;
  answer.workspace_bytes = plan->admission.workspace_bytes;
  answer.kernels = std::move(*kernels);
  return answer;
}

CudnnAnswer executed(const Problem& problem, bool is_timed) {
  auto outcome = is_timed ? time_problem(problem) : execute_problem(problem);
  return outcome ? std::move(*outcome) : refused(outcome.error());
}

CudnnAnswer versions() {
  CudnnAnswer answer;
  answer.cudnn = cudnn_version();
  answer.frontend = cudnn_frontend_version();
  return answer;
}

/// A plan of a small case is what the crash needs.
Result<CudnnAnswer> crash() {
  Problem problem;
  problem.seq_q = problem.seq_kv = 64;
  problem.mask.causal = Alignment::top_left;
  ATTEST_TRY(const Sdpa sdpa, as_sdpa(problem));
  ATTEST_TRY(const DescribedGpu* gpu, find_gpu(90));
  ATTEST_TRY(const SerialisedPlan plan,
             build_plan(sdpa, SdpaForm::chosen, gpu->sm, device_json(*gpu)));
  ATTEST_TRY(const std::string json, backend_json(plan.ubjson));
  crash_in_cudnn(json);
  return versions();
}

}  // namespace

Result<CudnnAnswer> answer(const CudnnQuestion& question, const PlanCache& cache) {
  if (question.ask == CudnnAsk::versions) return versions();
  if (question.ask == CudnnAsk::crash) return crash();
  if (question.ask == CudnnAsk::execute || question.ask == CudnnAsk::time) {
    ATTEST_TRY(const Problem problem, parse_problem(question.subject));
    return executed(problem, question.ask == CudnnAsk::time);
  }
  ATTEST_TRY(const DescribedGpu* gpu, find_gpu(question.sm));
  if (question.ask == CudnnAsk::support || question.ask == CudnnAsk::build) {
    ATTEST_TRY(const SupportRow* row, find_support_row(question.subject));
    const bool is_built = question.ask == CudnnAsk::build;
    return is_built ? built(row->sdpa, *gpu, cache) : admitted(row->sdpa, *gpu);
  }
  ATTEST_TRY(const Problem problem, parse_problem(question.subject));
  if (question.ask == CudnnAsk::plan) return planned(problem, *gpu, cache);
  const auto sdpa = as_sdpa(problem);
  return sdpa ? admitted(*sdpa, *gpu) : refused(sdpa.error());
}

}  // namespace attest
