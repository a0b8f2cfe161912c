// Adds up launches by entry.
// SPDX-License-Identifier: Apache-2.0
#include "reports/launch_view.h"

#include "reports/layer_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

namespace attest {
namespace {

struct Sum {
  std::int64_t launches = 0;
  std::int64_t warp_instructions = 0;
  std::int64_t mma_instructions = 0;
  std::int64_t flops = 0;
  std::int64_t bytes = 0;
  std::int64_t touched = 0;
  bool has_traffic = true;

  void add(const LaunchSummary& launch) {
    const LaunchCounts& counts = launch.counts;
    ++launches;
    warp_instructions += counts.warp_instructions;
    mma_instructions += counts.classes[InsnClass::mma];
    flops += counts.flops;
    bytes += counts.traffic.global_bytes_requested;
    touched += counts.traffic.global_bytes_touched;
    has_traffic &= counts.has_traffic;
  }
};

}  // namespace

Table launches_table(const RunRecord& run) {
  std::map<std::string, Sum> sums;
  for (const CaseResult& result : run.cases) {
    for (const LaunchSummary& launch : result.launches)
      sums[launch.kernel].add(launch);
  }
  for (const LayerRecord& layer : run.layers) {
    for (const PipelineRecord& pipeline : layer.pipelines) {
      for (const StageRecord& stage : pipeline.stages)
        sums[stage.launch.kernel].add(stage.launch);
    }
  }
  Table table{{{"entry"},
               {"launches", true},
               {"instructions", true},
               {"mma", true},
               {"FLOPs", true},
               {"bytes", true},
               {"touched", true},
               {"registers", true},
               {"spills", true}},
              {}};
  for (const auto& [kernel, sum] : sums) {
    const auto& known = run.env.ptxas;
    const auto at = std::find_if(known.begin(), known.end(), [&name = kernel](const auto& figures) {
      return figures.entry == name;
    });
    const bool is_known = at != known.end();
    table.rows.push_back(
        {kernel,
         std::to_string(sum.launches),
         count_text(sum.warp_instructions),
         count_text(sum.mma_instructions),
         count_text(sum.flops),
         sum.has_traffic ? bytes_text(sum.bytes) : "-",
         sum.has_traffic ? bytes_text(sum.touched) : "-",
         is_known ? std::to_string(at->registers) : "-",
         is_known ? std::to_string(at->spill_store_bytes + at->spill_load_bytes) : "-"});
  }
  return table;
}

}  // namespace attest
