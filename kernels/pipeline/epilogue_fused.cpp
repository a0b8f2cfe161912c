// Pipeline epilogue-fused: what follows a product joins it.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/stages.h"

namespace attest {
namespace {

Result<PipelinePlan> plan_layer(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const stages::Qkv qkv, stages::fused_qkv(plan));
  ATTEST_TRY(const View masked, stages::scores(plan, qkv, true));
  ATTEST_TRY(const View weights, stages::softmax(plan, masked, false));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  ATTEST_TRY([[maybe_unused]] const Done done, stages::output(plan, o, true));
  return std::move(plan).finish();
}

}  // namespace

Pipeline pipeline_epilogue_fused() {
  return {"epilogue-fused", "what follows a product joins it", 5, plan_layer};
}

}  // namespace attest
