// Surveys cuDNN for a run, judges what its GPU computed, and writes the record of it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/cudnn_opinion.h"

#include "harness/judge/judge.h"
#include "reference/attention.h"
#include "reference/oracle/cudnn/survey.h"

#include <fmt/format.h>

namespace attest {
namespace {

/// What cuDNN's kernels are taken to do: tensor cores, P rounded to the element type, f32 otherwise.
/// It is the largest tile that it has; a larger one only loosens the bound.
Arithmetic cudnn_arithmetic(const Problem& problem) {
  return {.accumulate = Accumulate::tensor_core_f32,
          .probability = problem.dtype == Dtype::f32 ? Dtype::f16 : problem.dtype,
          .sum_of_rounded_p = false,
          .kv_tile = 128,
          .exp_ulps = 2};
}

/// Judges O and LSE of a GPU of compute capability `sm` as those of a kernel.
std::optional<std::string> judge_executed(const Problem& problem,
                                          const GraphOpinion& opinion,
                                          int sm) {
  const ReferenceTerms reference = reference_attention(problem, draw_inputs(problem));
  Outputs outputs{poisoned_tensor(tensor_layout(problem, Tensor::o)), {}};
  std::size_t at = 0;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      for (std::int64_t s = 0; s < problem.seq_q; ++s) {
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d, ++at) {
          const double value = at < opinion.o.size() ? opinion.o[at] : 0;
          outputs.o.set_bits(b, h, s, d, encode(problem.dtype, value));
        }
      }
    }
  }
  for (const double lse : opinion.lse)
    outputs.lse.push_back(static_cast<float>(lse));
  const Judgement judgement =
      judge(problem, outputs, reference, cudnn_arithmetic(problem), fmt::format("sm_{}", sm));
  if (judgement.verdict == Verdict::agree) return std::nullopt;
  const auto& d = judgement.divergence;
  if (!d) return "disagrees";
  return fmt::format(
      "{} at batch {} head {} row {}: cuDNN computed {}, the reference {}, bound {:.3g}",
      d->tensor,
      d->index[0],
      d->index[1],
      d->index[2],
      d->got,
      d->want,
      d->bound);
}

void add_key(OracleRecord& oracle, const SurveyedKey& key) {
  const CudnnAnswer& answer = key.answer;
  switch (answer.tier) {
    case CudnnTier::refused:
      return add_reason(oracle.refusals, answer.reason);
    case CudnnTier::died:
      return add_reason(oracle.deaths, answer.reason);
    case CudnnTier::admitted:
      ++oracle.admitted;
      return;
    case CudnnTier::planned:
    case CudnnTier::executed:
      break;
  }
  PlannedKey planned{key.key,
                     to_string(key.problem),
                     std::string(name(answer.tier)),
                     answer.engine,
                     answer.kernels,
                     answer.workspace_bytes,
                     kOpinionAgrees,
                     key.difference.value_or("")};
  if (!key.difference) planned.detail = agreement(key);
  if (key.difference) planned.opinion = kOpinionDisagrees;
  if (!answer.skipped.empty()) planned.opinion = "not evaluated: " + answer.skipped;
  oracle.keys.push_back(std::move(planned));
}

}  // namespace

std::vector<Problem> attentions_of(const std::vector<CaseResult>& cases) {
  std::vector<Problem> problems;
  for (const CaseResult& result : cases) {
    if (const auto* attention = std::get_if<Problem>(&result.which.problem))
      problems.push_back(*attention);
  }
  return problems;
}

OracleRecord opinion_left_to_merge() {
  OracleRecord oracle;
  oracle.name = "cudnn";
  oracle.state = "left to the merge of the shards";
  return oracle;
}

OracleRecord cudnn_opinion(const CudnnOpinionOptions& options) {
  OracleRecord oracle;
  oracle.name = "cudnn";
  oracle.state = "not built";
  if (options.program.empty()) return oracle;
  SurveyOptions how;
  how.program = options.program;
  how.cache = cudnn_plan_folder(options.program);
  how.plans = static_cast<std::size_t>(options.plans);
  // `quick` plans fewer keys than there are conventions; its keys are those of its cases.
  if (how.plans >= 2 * cudnn_conventions().size()) how.conventions = cudnn_conventions();
  how.jobs = options.jobs;
  how.stop = options.stop;
  how.progress = options.progress;
  how.judge = judge_executed;
  const auto found = survey(options.problems, how);
  if (!found) {
    oracle.state = found.error().to_string();
    return oracle;
  }
  oracle.state = "built";
  oracle.version = found->cudnn;
  oracle.frontend = found->frontend;
  for (const SurveyedKey& key : found->keys)
    add_key(oracle, key);
  return oracle;
}

}  // namespace attest
