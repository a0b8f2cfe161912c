// Sums of a pipeline, and what a layer says as a whole.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/layer_record.h"

#include <algorithm>

namespace attest {
namespace {

int severity(Verdict verdict) {
  switch (verdict) {
    case Verdict::fault:
      return 4;
    case Verdict::disagree:
      return 3;
    case Verdict::not_run:
      return 2;
    case Verdict::agree:
      return 1;
    case Verdict::refused:
      return 0;
  }
  return 4;
}

}  // namespace

PipelineTotals totals(const PipelineRecord& pipeline) {
  PipelineTotals sum;
  for (const StageRecord& stage : pipeline.stages) {
    const LaunchCounts& counts = stage.launch.counts;
    sum.bytes_requested += counts.traffic.global_bytes_requested;
    sum.bytes_touched += counts.traffic.global_bytes_touched;
    sum.warp_instructions += counts.warp_instructions;
    sum.flops += counts.flops;
    sum.mma_flops += counts.mma_flops;
  }
  return sum;
}

Verdict verdict(const LayerRecord& layer) {
  Verdict worst = layer.graph ? layer.graph->verdict : Verdict::refused;
  for (const PipelineRecord& pipeline : layer.pipelines) {
    if (severity(pipeline.verdict) > severity(worst)) worst = pipeline.verdict;
  }
  return worst;
}

}  // namespace attest
