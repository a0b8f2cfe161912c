// Pipeline flash: attention in one launch, so that no scores are stored.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/stages.h"

namespace attest {
namespace {

Result<PipelinePlan> plan_layer(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const stages::Qkv qkv, stages::fused_qkv(plan));
  const View o = plan.elements("o", plan.rows() * layer.dim);
  const View lse = plan.bytes("lse", plan.rows() * layer.heads * std::int64_t{sizeof(float)});
  ATTEST_TRY([[maybe_unused]] const Done attended, plan.attention({qkv.q, qkv.k, qkv.v, o, lse}));
  ATTEST_TRY([[maybe_unused]] const Done done, stages::output(plan, o, true));
  return std::move(plan).finish();
}

}  // namespace

Pipeline pipeline_flash() {
  return {"flash", "attention in one launch, so that no scores are stored", 3, plan_layer};
}

}  // namespace attest
