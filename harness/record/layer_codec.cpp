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
  stage.kind = json.at("kind").get<std::string>();
  stage.fuses = json.at("fuses").get<std::vector<std::string>>();
  stage.problem = json.at("problem").get<std::string>();
  stage.verdict = verdict_from_json(json.at("verdict"));
  stage.ratio = number_from_json(json.at("ratio"));
  stage.launch = launch_from_json(json.at("launch"));
  if (json.contains("divergence")) stage.divergence = divergence_from_json(json.at("divergence"));
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
  pipeline.name = json.at("name").get<std::string>();
  pipeline.sentence = json.at("sentence").get<std::string>();
  pipeline.claimed = json.at("claimed").get<std::int64_t>();
  pipeline.launches = json.at("launches").get<std::int64_t>();
  pipeline.verdict = verdict_from_json(json.at("verdict"));
  pipeline.ratio = number_from_json(json.at("ratio"));
  if (json.contains("reason")) pipeline.reason = json.at("reason").get<std::string>();
  if (json.contains("divergence"))
    pipeline.divergence = divergence_from_json(json.at("divergence"));
  if (json.contains("findings")) {
    for (const Json& item : json.at("findings"))
      pipeline.findings.push_back(finding_from_json(item));
  }
  for (const Json& item : json.at("stages"))
    pipeline.stages.push_back(stage_from_json(item));
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
  graph.nodes = json.at("nodes").get<std::int64_t>();
  for (const auto& item : json.at("by_type").items())
    graph.by_type.emplace_back(item.key(), item.value().get<std::int64_t>());
  graph.verdict = verdict_from_json(json.at("verdict"));
  graph.ratio = number_from_json(json.at("ratio"));
  if (json.contains("reason")) graph.reason = json.at("reason").get<std::string>();
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
  auto problem = parse_layer(json.at("layer").get_ref<const std::string&>());
  if (!problem) throw DecodeError(problem.error().to_string());
  layer.layer = *problem;
  layer.mode = mode_from_json(json);
  layer.bytes_least = json.at("bytes_least").get<std::int64_t>();
  for (const Json& item : json.at("pipelines"))
    layer.pipelines.push_back(pipeline_from_json(item));
  if (json.contains("graph")) layer.graph = graph_from_json(json.at("graph"));
  return layer;
}

}  // namespace attest
