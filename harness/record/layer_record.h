// LayerRecord: one layer through every pipeline, launch by launch, as plain data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/verdict.h"
#include "harness/problem/case.h"
#include "harness/problem/layer.h"
#include "harness/record/divergence_record.h"
#include "harness/record/launch_summary.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace attest {

/// One launch of a pipeline: what the log says, and the judgement of what it computed by itself.
struct StageRecord {
  std::string kind;                // "gemm", "softmax", "elementwise", "attention", "layer"
  std::vector<std::string> fuses;  // names of LayerOperation
  std::string problem;             // what it computes, as the line that parses back
  LaunchSummary launch;
  Verdict verdict = Verdict::not_run;
  double ratio = 0;  // error / bound
  std::optional<DivergenceRecord> divergence;
};

struct PipelineRecord {
  std::string name;
  std::string sentence;
  std::int64_t claimed = 0;   // launches
  std::int64_t launches = 0;  // in the log
  Verdict verdict = Verdict::not_run;
  std::string reason;  // why refused, not run, or wrong apart from its numbers; or how sure it is
  double ratio = 0;    // of y: error / what it stays below in all likelihood
  std::optional<DivergenceRecord> divergence;  // of y
  std::vector<Finding> findings;
  std::vector<StageRecord> stages;  // in the order of the log
};

/// The layer as a graph from a file: one more oracle.
struct GraphRecord {
  std::int64_t nodes = 0;                                     // that compute
  std::vector<std::pair<std::string, std::int64_t>> by_type;  // sorted by name
  Verdict verdict = Verdict::not_run;
  std::string reason;
  double ratio = 0;  // of y: difference from the reference / what both may be off by in double
};

struct LayerRecord {
  LayerProblem layer;
  Mode mode;
  std::int64_t bytes_least = 0;           // inputs once, output once
  std::vector<PipelineRecord> pipelines;  // from most launches to one
  std::optional<GraphRecord> graph;
};

/// Sums over the launches of a pipeline.
struct PipelineTotals {
  std::int64_t bytes_requested = 0;  // of global memory
  std::int64_t bytes_touched = 0;    // each launch's own
  std::int64_t warp_instructions = 0;
  std::int64_t flops = 0;
  std::int64_t mma_flops = 0;
};
[[nodiscard]] PipelineTotals totals(const PipelineRecord& pipeline);
/// The worst verdict of the pipelines and the graph; refused ones aside, unless all are.
[[nodiscard]] Verdict verdict(const LayerRecord& layer);

}  // namespace attest
