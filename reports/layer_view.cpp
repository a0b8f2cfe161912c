// Tables of pipelines and launches from the record of a layer.
// SPDX-License-Identifier: Apache-2.0
#include "reports/layer_view.h"

#include "harness/problem/layer_operation.h"
#include "reports/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace attest {
namespace {

/// Three digits and the largest unit that leaves at least one before the point.
std::string with_unit(std::int64_t value,
                      const std::array<const char*, 5>& units,
                      const char* plain) {
  double scaled = static_cast<double>(value);
  std::size_t unit = 0;
  while (scaled >= 999.5 && unit + 1 < units.size()) {
    scaled /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{}{}", value, plain);
  const int digits = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", scaled, digits, units[unit]);
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

/// "4 gemm, 1 softmax, 5 elementwise", in the order in which they first come.
std::string kinds_text(const PipelineRecord& pipeline) {
  std::vector<std::pair<std::string, int>> kinds;
  for (const StageRecord& stage : pipeline.stages) {
    const auto at = std::find_if(
        kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.first == stage.kind; });
    if (at == kinds.end()) {
      kinds.emplace_back(stage.kind, 1);
    } else {
      ++at->second;
    }
  }
  std::string text;
  for (const auto& [kind, count] : kinds)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind);
  return text;
}

/// As wide as a row of the pipelines.
std::vector<std::string> graph_row(const GraphRecord& graph) {
  std::string types;
  for (const auto& [type, count] : graph.by_type)
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", count, type);
  return {"onnx graph",
          fmt::format("{} nodes", graph.nodes),
          "-",
          "-",
          "-",
          "-",
          "-",
          "-",
          ratio_text(graph.ratio),
          std::string(name(graph.verdict)),
          graph.reason.empty() ? types : graph.reason};
}

/// What only the interpreter counts.
std::string counted(const Mode& mode, std::string text) {
  return mode.device == Device::ptx ? std::move(text) : "-";
}

Table pipelines_table(const LayerRecord& layer) {
  Table table{{{"pipeline"},
               {"launches", true},
               {"requested", true},
               {"touched", true},
               {"least", true},
               {"FLOPs", true},
               {"in mma", true},
               {"instructions", true},
               {"error/bound", true},
               {"verdict"},
               {"launches by kind"}},
              {}};
  for (const PipelineRecord& pipeline : layer.pipelines) {
    const PipelineTotals sum = totals(pipeline);
    table.rows.push_back({pipeline.name,
                          std::to_string(pipeline.launches),
                          counted(layer.mode, bytes_text(sum.bytes_requested)),
                          counted(layer.mode, bytes_text(sum.bytes_touched)),
                          bytes_text(layer.bytes_least),
                          counted(layer.mode, count_text(sum.flops)),
                          share_text(sum.mma_flops, sum.flops),
                          counted(layer.mode, count_text(sum.warp_instructions)),
                          ratio_text(pipeline.ratio),
                          std::string(name(pipeline.verdict)),
                          kinds_text(pipeline)});
  }
  if (layer.graph) table.rows.push_back(graph_row(*layer.graph));
  return table;
}

std::vector<Bar> bars(const LayerRecord& layer,
                      std::int64_t (*value)(const PipelineRecord&),
                      std::string (*text)(std::int64_t)) {
  std::vector<Bar> bars;
  std::int64_t longest = 1;
  for (const PipelineRecord& pipeline : layer.pipelines) {
    bars.push_back({pipeline.name, value(pipeline), text(value(pipeline)), 0});
    longest = std::max(longest, value(pipeline));
  }
  for (Bar& bar : bars) {
    const auto length = static_cast<int>((bar.value * kBarCells + longest / 2) / longest);
    bar.length = bar.value > 0 ? std::max(1, length) : 0;
  }
  return bars;
}

const PtxasFigures* figures_of(const std::string& kernel, const Environment& env) {
  const auto at =
      std::find_if(env.ptxas.begin(), env.ptxas.end(), [&](const PtxasFigures& figures) {
        return figures.entry == kernel;
      });
  return at == env.ptxas.end() ? nullptr : &*at;
}

std::vector<std::string> launch_row(std::size_t number,
                                    const StageRecord& stage,
                                    const Mode& mode,
                                    const Environment& env) {
  const LaunchCounts& counts = stage.launch.counts;
  const PtxasFigures* const figures = figures_of(stage.launch.kernel, env);
  const auto spills =
      figures == nullptr ? 0 : figures->spill_store_bytes + figures->spill_load_bytes;
  return {std::to_string(number),
          stage.launch.kernel,
          fmt::format("{}", fmt::join(stage.fuses, ", ")),
          counted(mode, bytes_text(counts.traffic.global_bytes_requested)),
          counted(mode, bytes_text(counts.traffic.global_bytes_touched)),
          counted(mode, count_text(counts.flops)),
          share_text(counts.mma_flops, counts.flops),
          counted(mode, count_text(counts.warp_instructions)),
          figures == nullptr ? "-" : std::to_string(figures->registers),
          figures == nullptr ? "-" : std::to_string(spills),
          ratio_text(stage.ratio),
          std::string(name(stage.verdict))};
}

Table launches_table(const PipelineRecord& pipeline, const Mode& mode, const Environment& env) {
  Table table{{{"#", true},
               {"kernel"},
               {"computes"},
               {"requested", true},
               {"touched", true},
               {"FLOPs", true},
               {"in mma", true},
               {"instructions", true},
               {"registers", true},
               {"spills", true},
               {"error/bound", true},
               {"verdict"}},
              {}};
  for (const StageRecord& stage : pipeline.stages)
    table.rows.push_back(launch_row(table.rows.size() + 1, stage, mode, env));
  return table;
}

std::string divergence_text(const std::string& what, const DivergenceRecord& d) {
  return fmt::format("{}: {} of {} elements of {} ({}), {}; worst [{}] got {:.9g}, want {:.9g}, {}",
                     what,
                     d.wrong,
                     d.total,
                     d.tensor,
                     d.tier,
                     d.pattern,
                     fmt::join(d.index, ","),
                     d.got,
                     d.want,
                     d.bound_terms.empty() ? fmt::format("bound {:.3g}", d.bound) : d.bound_terms);
}

std::vector<std::string> failures_of(const PipelineRecord& pipeline) {
  std::vector<std::string> lines;
  if (!pipeline.reason.empty()) lines.push_back(pipeline.reason);
  for (const Finding& finding : pipeline.findings) {
    const std::string text = describe(finding);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  for (const StageRecord& stage : pipeline.stages) {
    if (stage.divergence) lines.push_back(divergence_text(stage.problem, *stage.divergence));
  }
  if (pipeline.divergence)
    lines.push_back(divergence_text("the whole layer", *pipeline.divergence));
  return lines;
}

/// The number of the launch that does it, for each pipeline; "-" where none does.
Table operations_table(const LayerRecord& layer) {
  Table table;
  table.columns.push_back({"operation"});
  for (const PipelineRecord& pipeline : layer.pipelines)
    table.columns.push_back({pipeline.name, true});
  for (std::size_t n = 0; n < kLayerOperations; ++n) {
    const std::string operation(name(static_cast<LayerOperation>(n)));
    std::vector<std::string> row = {operation};
    for (const PipelineRecord& pipeline : layer.pipelines) {
      const auto& stages = pipeline.stages;
      const auto at = std::find_if(stages.begin(), stages.end(), [&](const StageRecord& stage) {
        return std::count(stage.fuses.begin(), stage.fuses.end(), operation) > 0;
      });
      row.push_back(at == stages.end() ? "-" : std::to_string(at - stages.begin() + 1));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::string bytes_text(std::int64_t bytes) {
  return with_unit(bytes, {"", "kB", "MB", "GB", "TB"}, " B");
}

std::string count_text(std::int64_t count) {
  return with_unit(count, {"", "k", "M", "G", "T"}, "");
}

std::size_t name_width(const std::vector<Bar>& bars) {
  std::size_t width = std::string_view("epilogue-fused").size();
  for (const Bar& bar : bars)
    width = std::max(width, bar.name.size());
  return width;
}

LayerView view_of(const LayerRecord& layer, const Environment& env) {
  LayerView view;
  const bool is_on_gpu = layer.mode.device == Device::cuda;
  view.title = to_string(layer.layer) + (is_on_gpu ? " on the GPU" : "");
  view.pipelines = pipelines_table(layer);
  view.launches = bars(
      layer,
      [](const PipelineRecord& p) { return p.launches; },
      [](std::int64_t n) { return std::to_string(n); });
  if (!is_on_gpu) {
    view.bytes_touched = bars(
        layer, [](const PipelineRecord& p) { return totals(p).bytes_touched; }, bytes_text);
  }
  view.operations = operations_table(layer);
  for (const PipelineRecord& pipeline : layer.pipelines) {
    view.details.push_back({fmt::format("{}: {}", pipeline.name, pipeline.sentence),
                            launches_table(pipeline, layer.mode, env),
                            failures_of(pipeline)});
  }
  return view;
}

}  // namespace attest
