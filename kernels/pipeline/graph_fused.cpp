// Pipeline graph-fused: pointwise operations joined, products left alone, as TensorRT lowers the graph.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/stages.h"

namespace attest {
namespace {

Result<PipelinePlan> plan_layer(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const stages::Qkv packed, stages::packed_qkv(plan));
  ATTEST_TRY(const stages::Qkv qkv, stages::add_bias_and_split(plan, packed));
  ATTEST_TRY(const View product, stages::scores(plan, qkv, false));
  ATTEST_TRY(const View weights, stages::softmax(plan, product, true));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  ATTEST_TRY([[maybe_unused]] const Done done, stages::output(plan, o, false));
  return std::move(plan).finish();
}

}  // namespace

Pipeline pipeline_graph_fused() {
  return {"graph-fused",
          "pointwise operations joined, products left alone, as TensorRT lowers the graph",
          7,
          plan_layer};
}

}  // namespace attest
