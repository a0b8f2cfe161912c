// A plan as a job, its log as stages, and their judgement.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_run.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "properties/buffers.h"
#include "properties/layer_chain.h"
#include "properties/trial.h"
#include "reference/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace attest {
namespace {

/// A layer of 2048 rows and columns in f32 takes some 10^9 on the way.
constexpr std::int64_t kWarpInstructions = 50'000'000'000;

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

std::span<const std::byte> contents(const LayerInputs& inputs, LayerBuffer buffer) {
  switch (buffer) {
    case LayerBuffer::x:
      return inputs.x.bytes;
    case LayerBuffer::w_qkv:
      return inputs.w_qkv.bytes;
    case LayerBuffer::b_qkv:
      return inputs.b_qkv.bytes;
    case LayerBuffer::w_out:
      return inputs.w_out.bytes;
    case LayerBuffer::b_out:
      return inputs.b_out.bytes;
    case LayerBuffer::mask:
      return std::as_bytes(std::span(inputs.mask));
    case LayerBuffer::y:
      return {};
  }
  fail_check("a layer has this buffer", __FILE__, __LINE__);
}

Job job_of(const PipelinePlan& plan, const LayerCase& which) {
  Job job;
  for (std::size_t n = 0; n < plan.buffers.size(); ++n) {
    const bool is_input = n < static_cast<std::size_t>(LayerBuffer::y);
    BufferSpec spec;
    spec.name = plan.buffers[n].name;
    spec.role = is_input ? BufferRole::input : BufferRole::output;
    spec.size_bytes = plan.buffers[n].size_bytes;
    if (is_input) spec.contents = contents(which.inputs, static_cast<LayerBuffer>(n));
    job.buffers.push_back(std::move(spec));
  }
  for (const Stage& stage : plan.stages)
    job.launches.push_back(stage.launch);
  job.mode = which.mode;
  job.limits.warp_instructions = kWarpInstructions;
  job.counts_traffic = true;
  return job;
}

/// Outputs as they were returned, inputs as they were given.
std::vector<std::vector<std::byte>> memory_after(const Execution& execution,
                                                 const LayerCase& which) {
  std::vector<std::vector<std::byte>> memory = execution.buffers;
  for (int n = 0; n < static_cast<int>(LayerBuffer::y); ++n) {
    const auto given = contents(which.inputs, static_cast<LayerBuffer>(n));
    memory[static_cast<std::size_t>(n)].assign(given.begin(), given.end());
  }
  return memory;
}

std::string problem_text(const Stage& stage) {
  return std::visit([](const auto& problem) { return to_string(problem); }, stage.problem);
}

/// The log as stages; what is wrong with it, or empty.
std::string read_log(const PipelinePlan& plan, const Execution& execution, PipelineRecord& record) {
  record.launches = static_cast<std::int64_t>(execution.launches.size());
  for (std::size_t n = 0; n < execution.launches.size(); ++n) {
    StageRecord stage;
    stage.launch = summary(execution.launches[n]);
    if (n < plan.stages.size()) {
      stage.kind = kind_of(plan.stages[n]);
      for (const LayerOperation operation : plan.stages[n].fuses)
        stage.fuses.emplace_back(name(operation));
      stage.problem = problem_text(plan.stages[n]);
    }
    record.stages.push_back(std::move(stage));
  }
  if (record.launches != record.claimed) {
    return fmt::format("the log has {} launches, {} are claimed", record.launches, record.claimed);
  }
  for (std::size_t n = 0; n < plan.stages.size() && n < record.stages.size(); ++n) {
    const std::string& planned = plan.stages[n].launch.entry;
    if (record.stages[n].launch.kernel != planned) {
      return fmt::format(
          "launch {} is {}, planned is {}", n + 1, record.stages[n].launch.kernel, planned);
    }
  }
  return "";
}

void note(const Judgement& judgement, StageRecord& stage) {
  stage.verdict = judgement.verdict;
  stage.ratio = std::max(judgement.ratio_o, judgement.ratio_lse);
  if (judgement.divergence) stage.divergence = to_record(*judgement.divergence);
}

/// True when every launch agrees.
bool judge_stages(const PipelinePlan& plan, LayerChain& chain, PipelineRecord& record) {
  for (std::size_t n = 0; n < plan.stages.size(); ++n) {
    StageRecord& stage = record.stages[n];
    const bool is_whole = std::holds_alternative<LayerProblem>(plan.stages[n].problem);
    ATTEST_CHECK(!is_whole || !plan.parts.empty());
    const std::vector<Stage> itself = {plan.stages[n]};
    double worst = 0;
    for (const Stage& part : is_whole ? plan.parts : itself) {
      note(chain.judge_stage(part), stage);
      worst = std::max(worst, stage.ratio);
      if (stage.verdict != Verdict::agree) {
        record.verdict = stage.verdict;
        record.reason = fmt::format("launch {}, {}: wrong by itself", n + 1, to_text(part.fuses));
        return false;
      }
    }
    stage.ratio = worst;
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
                    Attempt& attempt) {
  const auto memory = memory_after(execution, which);
  const std::string arch =
      which.mode.arch.empty() ? target_of(plan.stages.front().launch.image.ptx) : which.mode.arch;
  LayerChain chain(which.layer, memory, arch, which.mode.mma);
  PipelineRecord& record = attempt.record;
  if (!judge_stages(plan, chain, record)) return;
  const WholeJudgement whole = chain.judge_whole(which.reference);
  record.verdict = whole.likely.verdict;
  record.ratio = whole.likely.ratio_o;
  if (whole.likely.divergence) record.divergence = to_record(*whole.likely.divergence);
  attempt.is_unlikely =
      whole.likely.verdict == Verdict::disagree && whole.worst.verdict == Verdict::agree;
}

Attempt attempt_pipeline(const Pipeline& pipeline, const LayerCase& which, Executor& executor) {
  Attempt attempt;
  PipelineRecord& record = attempt.record;
  record.name = pipeline.name;
  record.sentence = pipeline.sentence;
  record.claimed = pipeline.launches;
  auto plan = pipeline.plan(which.layer);
  if (!plan) {
    record.verdict = Verdict::refused;
    record.reason = plan.error().to_string();
    return attempt;
  }
  auto execution = executor.run(job_of(*plan, which));
  if (!execution) {
    record.reason = execution.error().to_string();
    return attempt;
  }
  const std::string wrong = read_log(*plan, *execution, record);
  if (!execution->findings.empty()) {
    record.verdict = Verdict::fault;
    record.findings = execution->findings;
    record.reason = fmt::format("launch {} has a fault", record.launches);
  } else if (!wrong.empty()) {
    record.verdict = Verdict::disagree;
    record.reason = wrong;
  } else {
    judge_pipeline(*plan, which, *execution, attempt);
  }
  return attempt;
}

constexpr int kDraws = 3;

/// How many of kDraws seeds of the data do not agree, of which the layer's own is one.
int violations(const Pipeline& pipeline, const LayerCase& which, Executor& executor) {
  int count = 1;
  for (int n = 1; n < kDraws; ++n) {
    LayerProblem layer = which.layer;
    layer.seed = derive_seed(which.layer.seed, static_cast<std::uint64_t>(n));
    const LayerCase redrawn = draw_layer_case(layer, which.mode);
    const Attempt attempt = attempt_pipeline(pipeline, redrawn, executor);
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

PipelineRecord run_pipeline(const Pipeline& pipeline, const LayerCase& which, Executor& executor) {
  Attempt attempt = attempt_pipeline(pipeline, which, executor);
  PipelineRecord& record = attempt.record;
  if (!attempt.is_unlikely) return record;
  const int count = violations(pipeline, which, executor);
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
