// A layer's pipelines to and from JSON.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"
#include "harness/record/launch_codec.h"
#include "harness/record/layer_record.h"

namespace attest {
namespace {

Json to_json(const StageRecord& stage) {
  Json json = {{"kind", stage.kind},
               {"fuses", stage.fuses},
               {"problem", stage.problem},
               {"verdict", name(stage.verdict)},
               {"ratio", number_to_json(stage.ratio)},
               {"launch", to_json(stage.launch)}};
  if (stage.divergence) json["divergence"] = to_json(*stage.divergence);
  return json;
}

StageRecord stage_from_json(const Json& json) {
  StageRecord stage;
  stage.kind = field<std::string>(json, "kind");
  stage.fuses = field<std::vector<std::string>>(json, "fuses");
  stage.problem = field<std::string>(json, "problem");
  stage.verdict = verdict_from_json(field(json, "verdict"));
  stage.ratio = number_field(json, "ratio");
  stage.launch = launch_from_json(field(json, "launch"));
  if (json.contains("divergence"))
    stage.divergence = divergence_from_json(field(json, "divergence"));
  return stage;
}

Json totals_to_json(const PipelineTotals& sum) {
  return {{"bytes_requested", sum.bytes_requested},
          {"bytes_touched", sum.bytes_touched},
          {"flops", sum.flops},
          {"mma_flops", sum.mma_flops},
          {"warp_instructions", sum.warp_instructions}};
}

Json to_json(const PipelineRecord& pipeline, std::int64_t bytes_least) {
  Json json = {{"name", pipeline.name},
               {"sentence", pipeline.sentence},
               {"claimed", pipeline.claimed},
               {"launches", pipeline.launches},
               {"verdict", name(pipeline.verdict)},
               {"ratio", number_to_json(pipeline.ratio)},
               {"bytes_least", bytes_least}};
  json.update(totals_to_json(totals(pipeline)));
  if (!pipeline.reason.empty()) json["reason"] = pipeline.reason;
  if (pipeline.divergence) json["divergence"] = to_json(*pipeline.divergence);
  for (const Finding& finding : pipeline.findings)
    json["findings"].push_back(to_json(finding));
  json["stages"] = Json::array();
  for (const StageRecord& stage : pipeline.stages)
    json["stages"].push_back(to_json(stage));
  return json;
}

PipelineRecord pipeline_from_json(const Json& json) {
  PipelineRecord pipeline;
  pipeline.name = field<std::string>(json, "name");
  pipeline.sentence = field<std::string>(json, "sentence");
  pipeline.claimed = field<std::int64_t>(json, "claimed");
  pipeline.launches = field<std::int64_t>(json, "launches");
  pipeline.verdict = verdict_from_json(field(json, "verdict"));
  pipeline.ratio = number_field(json, "ratio");
  if (json.contains("reason")) pipeline.reason = field<std::string>(json, "reason");
  if (json.contains("divergence"))
    pipeline.divergence = divergence_from_json(field(json, "divergence"));
  if (json.contains("findings")) {
    pipeline.findings = list_field(json, "findings", finding_from_json);
  }
  pipeline.stages = list_field(json, "stages", stage_from_json);
  return pipeline;
}

Json to_json(const GraphRecord& graph) {
  Json json = {{"nodes", graph.nodes},
               {"by_type", Json::object()},
               {"verdict", name(graph.verdict)},
               {"ratio", number_to_json(graph.ratio)}};
  for (const auto& [type, count] : graph.by_type)
    json["by_type"][type] = count;
  if (!graph.reason.empty()) json["reason"] = graph.reason;
  return json;
}

GraphRecord graph_from_json(const Json& json) {
  GraphRecord graph;
  graph.nodes = field<std::int64_t>(json, "nodes");
  for (const auto& item : field(json, "by_type").items())
    graph.by_type.emplace_back(item.key(), value_of<std::int64_t>(item.value()));
  graph.verdict = verdict_from_json(field(json, "verdict"));
  graph.ratio = number_field(json, "ratio");
  if (json.contains("reason")) graph.reason = field<std::string>(json, "reason");
  return graph;
}

}  // namespace

Json to_json(const LayerRecord& layer) {
  Json json = {{"layer", to_string(layer.layer)},
               {"verdict", name(verdict(layer))},
               {"bytes_least", layer.bytes_least}};
  put_mode(json, layer.mode);
  json["pipelines"] = Json::array();
  for (const PipelineRecord& pipeline : layer.pipelines)
    json["pipelines"].push_back(to_json(pipeline, layer.bytes_least));
  if (layer.graph) json["graph"] = to_json(*layer.graph);
  return json;
}

LayerRecord layer_from_json(const Json& json) {
  LayerRecord layer;
  auto problem = parse_layer(field<std::string>(json, "layer"));
  if (!problem) throw DecodeError(problem.error().to_string());
  layer.layer = *problem;
  layer.mode = mode_from_json(json);
  layer.bytes_least = field<std::int64_t>(json, "bytes_least");
  layer.pipelines = list_field(json, "pipelines", pipeline_from_json);
  if (json.contains("graph")) layer.graph = graph_from_json(field(json, "graph"));
  return layer;
}

}  // namespace attest
