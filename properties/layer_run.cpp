// A plan as a job, its log as stages, and their judgement.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_run.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "properties/buffers.h"
#include "properties/layer_chain.h"
#include "properties/layer_job.h"
#include "properties/trial.h"
#include "reference/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace attest {
namespace {

struct NameKind {
  std::string operator()(const Gemm&) const { return "gemm"; }
  std::string operator()(const MaskSoftmax&) const { return "softmax"; }
  std::string operator()(const BiasSplit&) const { return "elementwise"; }
  std::string operator()(const Elementwise&) const { return "elementwise"; }
};

std::string kind_of(const Stage& stage) {
  if (const auto* operation = std::get_if<Operation>(&stage.problem)) {
    return std::visit(NameKind{}, *operation);
  }
  return std::holds_alternative<Problem>(stage.problem) ? "attention" : "layer";
}

/// Outputs as they were returned, inputs as they were given.
std::vector<std::vector<std::byte>> memory_after(const Execution& execution,
                                                 const LayerCase& which) {
  std::vector<std::vector<std::byte>> memory = execution.buffers;
  for (int n = 0; n < static_cast<int>(LayerBuffer::y); ++n) {
    const auto given = layer_contents(which.inputs, static_cast<LayerBuffer>(n));
    memory[static_cast<std::size_t>(n)].assign(given.begin(), given.end());
  }
  return memory;
}

std::string problem_text(const Stage& stage) {
  return std::visit([](const auto& problem) { return to_string(problem); }, stage.problem);
}

/// The log as stages, and which stage of the plan each launch is of.
struct Log {
  std::vector<std::size_t> stages;  // by launch
  std::string what_is_wrong;        // with it, or empty
};

std::string compare_with_claim(const PipelinePlan& plan,
                               const PipelineRecord& record,
                               const std::vector<std::size_t>& stages) {
  if (record.launches != record.claimed) {
    return fmt::format("the log has {} launches, {} are claimed", record.launches, record.claimed);
  }
  for (std::size_t n = 0; n < stages.size(); ++n) {
    const std::string& planned = plan.stages[stages[n]].launch.entry;
    if (record.stages[n].launch.kernel != planned) {
      return fmt::format(
          "launch {} is {}, planned is {}", n + 1, record.stages[n].launch.kernel, planned);
    }
  }
  return "";
}

Log read_log(const PipelinePlan& plan,
             const PlannedJob& planned,
             const Execution& execution,
             Gemms gemms,
             PipelineRecord& record) {
  Log log;
  record.launches = static_cast<std::int64_t>(execution.launches.size());
  for (const LaunchRecord& launch : execution.launches) {
    const std::size_t number = planned.stage_of_step.at(static_cast<std::size_t>(launch.step));
    const Stage& of_plan = plan.stages[number];
    StageRecord stage;
    stage.launch = summary(launch);
    stage.kind = kind_of(of_plan);
    for (const LayerOperation operation : of_plan.fuses)
      stage.fuses.emplace_back(name(operation));
    stage.problem = problem_text(of_plan);
    record.stages.push_back(std::move(stage));
    log.stages.push_back(number);
  }
  if (gemms == Gemms::own) {
    log.what_is_wrong = compare_with_claim(plan, record, log.stages);
    return log;
  }
  for (std::size_t n = 0; n < plan.stages.size(); ++n) {
    if (std::find(log.stages.begin(), log.stages.end(), n) == log.stages.end()) {
      log.what_is_wrong = fmt::format("nothing was launched for {}", to_text(plan.stages[n].fuses));
    }
  }
  return log;
}

void note(const Judgement& judgement, StageRecord& stage) {
  stage.verdict = judgement.verdict;
  stage.ratio = std::max(judgement.ratio_o, judgement.ratio_lse);
  if (judgement.divergence) stage.divergence = to_record(*judgement.divergence);
}

/// True when every stage agrees. The launches of one stage are judged together.
bool judge_stages(const PipelinePlan& plan,
                  const Log& log,
                  LayerChain& chain,
                  PipelineRecord& record) {
  for (std::size_t n = 0; n < plan.stages.size(); ++n) {
    const bool is_whole = std::holds_alternative<LayerProblem>(plan.stages[n].problem);
    ATTEST_CHECK(!is_whole || !plan.parts.empty());
    const std::vector<Stage> itself = {plan.stages[n]};
    StageRecord judged;
    double worst = 0;
    std::string wrong;
    for (const Stage& part : is_whole ? plan.parts : itself) {
      note(chain.judge_stage(part), judged);
      worst = std::max(worst, judged.ratio);
      if (judged.verdict != Verdict::agree) {
        wrong = to_text(part.fuses);
        break;
      }
    }
    if (wrong.empty()) judged.ratio = worst;
    std::size_t last = 0;
    for (std::size_t launch = 0; launch < log.stages.size(); ++launch) {
      if (log.stages[launch] != n) continue;
      StageRecord& stage = record.stages[launch];
      stage.verdict = judged.verdict;
      stage.ratio = judged.ratio;
      stage.divergence = judged.divergence;
      last = launch;
    }
    if (wrong.empty()) continue;
    record.verdict = judged.verdict;
    record.reason = fmt::format("launch {}, {}: wrong by itself", last + 1, wrong);
    return false;
  }
  return true;
}

/// One draw of the data. `is_unlikely`: every launch agrees, and y does within what errors can add up
/// to at worst, but not in all likelihood.
struct Attempt {
  PipelineRecord record;
  bool is_unlikely = false;
};

void judge_pipeline(const PipelinePlan& plan,
                    const LayerCase& which,
                    const Execution& execution,
                    const Log& log,
                    Attempt& attempt) {
  const auto memory = memory_after(execution, which);
  const std::string arch =
      which.mode.arch.empty() ? target_of(plan.stages.front().launch.image.ptx) : which.mode.arch;
  LayerChain chain(which.layer, memory, arch, which.mode.mma);
  PipelineRecord& record = attempt.record;
  if (!judge_stages(plan, log, chain, record)) return;
  const WholeJudgement whole = chain.judge_whole(which.reference);
  record.verdict = whole.likely.verdict;
  record.ratio = whole.likely.ratio_o;
  if (whole.likely.divergence) record.divergence = to_record(*whole.likely.divergence);
  attempt.is_unlikely =
      whole.likely.verdict == Verdict::disagree && whole.worst.verdict == Verdict::agree;
}

Attempt attempt_pipeline(const Pipeline& pipeline,
                         const LayerCase& which,
                         Executor& executor,
                         Gemms gemms) {
  Attempt attempt;
  PipelineRecord& record = attempt.record;
  record.name = pipeline.name;
  record.sentence = pipeline.sentence;
  record.claimed = pipeline.launches;
  if (gemms == Gemms::cublas) {
    record.name += "-cublas";
    record.sentence += "; GEMMs by cuBLAS";
  }
  auto plan = pipeline.plan(which.layer);
  auto planned = plan ? job_of(*plan, which.inputs, which.mode, gemms) : plan.error();
  if (!planned) {
    record.verdict = Verdict::refused;
    record.reason = planned.error().to_string();
    return attempt;
  }
  auto execution = executor.run(planned->job);
  if (!execution) {
    record.reason = execution.error().to_string();
    return attempt;
  }
  const Log log = read_log(*plan, *planned, *execution, gemms, record);
  if (!execution->findings.empty()) {
    record.verdict = Verdict::fault;
    record.findings = execution->findings;
    record.reason = fmt::format("launch {} has a fault", record.launches);
  } else if (!log.what_is_wrong.empty()) {
    record.verdict = Verdict::disagree;
    record.reason = log.what_is_wrong;
  } else {
    judge_pipeline(*plan, which, *execution, log, attempt);
  }
  return attempt;
}

constexpr int kDraws = 3;

/// How many of kDraws seeds of the data do not agree, of which the layer's own is one.
int violations(const Pipeline& pipeline, const LayerCase& which, Executor& executor, Gemms gemms) {
  int count = 1;
  for (int n = 1; n < kDraws; ++n) {
    LayerProblem layer = which.layer;
    layer.seed = derive_seed(which.layer.seed, static_cast<std::uint64_t>(n));
    const LayerCase redrawn = draw_layer_case(layer, which.mode);
    const Attempt attempt = attempt_pipeline(pipeline, redrawn, executor, gemms);
    if (attempt.record.verdict != Verdict::agree) ++count;
  }
  return count;
}

}  // namespace

LayerCase draw_layer_case(const LayerProblem& layer, const Mode& mode) {
  LayerCase which{layer, mode, draw_layer(layer), {}};
  which.reference = reference_layer(layer, which.inputs);
  return which;
}

std::int64_t least_bytes(const LayerProblem& layer) {
  std::int64_t sum = 0;
  for (const LayerBuffer buffer : kLayerBufferList)
    sum += buffer_bytes(layer, buffer);
  return sum;
}

bool takes_cublas(const Pipeline& pipeline, const LayerProblem& layer) {
  const auto plan = pipeline.plan(layer);
  if (!plan) return false;
  std::int64_t gemms = 0;
  for (const Stage& stage : plan->stages) {
    const Gemm* const gemm = gemm_of(stage);
    if (gemm == nullptr) continue;
    if (!gemm_arguments(*gemm)) return false;
    ++gemms;
  }
  return gemms > 0;
}

PipelineRecord run_pipeline(const Pipeline& pipeline,
                            const LayerCase& which,
                            Executor& executor,
                            Gemms gemms) {
  Attempt attempt = attempt_pipeline(pipeline, which, executor, gemms);
  PipelineRecord& record = attempt.record;
  if (!attempt.is_unlikely) return record;
  const int count = violations(pipeline, which, executor, gemms);
  record.reason = fmt::format(
      "y is further off than its launches explain in all likelihood, with {} of {} seeds",
      count,
      kDraws);
  if (2 * count > kDraws) return record;
  record.verdict = Verdict::agree;
  record.divergence.reset();
  return record;
}

}  // namespace attest
