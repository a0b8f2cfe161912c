// Format timeline: launches one after the other in Chrome's trace format, for ui.perfetto.dev.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/json_text.h"
#include "reports/format/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace attest {
namespace {

/// Viewers grow slow beyond; the rest is in run.json.
constexpr std::size_t kMostLaunches = 10'000;

Json size_json(const Dim3& size) {
  return Json::array({size.x, size.y, size.z});
}

/// A process for each kernel or pipeline; its launches lie end to end, an instruction of a warp
/// being a microsecond long.
class Timeline {
 public:
  void add(const std::string& process, const LaunchSummary& launch, Json details) {
    ++launches_;
    if (launches_ > kMostLaunches) return;
    const auto [at, is_new] = processes_.emplace(process, Process{processes_.size() + 1, 0});
    Process& lane = at->second;
    if (is_new) {
      events_.push_back({{"ph", "M"},
                         {"name", "process_name"},
                         {"pid", lane.number},
                         {"args", {{"name", process}}}});
    }
    const LaunchCounts& counts = launch.counts;
    details["grid"] = size_json(launch.grid);
    details["block"] = size_json(launch.block);
    details["warp_instructions"] = counts.warp_instructions;
    details["flops"] = counts.flops;
    details["mma_flops"] = counts.mma_flops;
    if (counts.has_traffic) {
      details["bytes_requested"] = counts.traffic.global_bytes_requested;
      details["bytes_touched"] = counts.traffic.global_bytes_touched;
    }
    events_.push_back({{"ph", "X"},
                       {"cat", "launch"},
                       {"name", launch.kernel},
                       {"pid", lane.number},
                       {"tid", 0},
                       {"ts", lane.end},
                       {"dur", counts.warp_instructions},
                       {"args", std::move(details)}});
    lane.end += counts.warp_instructions;
  }

  [[nodiscard]] std::string text() && {
    Json json = {{"otherData",
                  {{"unit", "one warp instruction is drawn as one microsecond; this is not time"},
                   {"launches", launches_},
                   {"launches_shown", std::min(launches_, kMostLaunches)}}}};
    json["traceEvents"] = std::move(events_);
    return to_text(json, 2);
  }

 private:
  struct Process {
    std::size_t number;
    std::int64_t end;
  };
  std::map<std::string, Process> processes_;
  Json events_ = Json::array();
  std::size_t launches_ = 0;
};

std::string render(const RunRecord& run, const RenderOptions&) {
  Timeline timeline;
  for (const LayerRecord& layer : run.layers) {
    for (const PipelineRecord& pipeline : layer.pipelines) {
      const std::string process = fmt::format("{} {}", to_string(layer.layer), pipeline.name);
      for (const StageRecord& stage : pipeline.stages)
        timeline.add(
            process, stage.launch, {{"computes", stage.fuses}, {"problem", stage.problem}});
    }
  }
  for (const CaseResult& result : run.cases) {
    for (const LaunchSummary& launch : result.launches)
      timeline.add(result.which.kernel, launch, {{"case", id(result.which)}});
  }
  return std::move(timeline).text();
}

}  // namespace

Format format_timeline() {
  return {"timeline", "launches in Chrome's trace format", "timeline.json", render};
}

}  // namespace attest
