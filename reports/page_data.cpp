// Columns of the cases: words by number, ratios in four digits, what is 0 or absent as null.
// SPDX-License-Identifier: Apache-2.0
#include "reports/page_data.h"

#include "harness/problem/data.h"
#include "harness/record/json_text.h"
#include "reports/compare.h"
#include "reports/ulp_sums.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace attest {
namespace {

/// A column of words: each as its number in a list of distinct ones.
class Words {
 public:
  void add(const std::string& word) {
    const auto [at, is_new] = number_.emplace(word, number_.size());
    if (is_new) words_.push_back(word);
    column_.push_back(at->second);
  }
  void put(Json& json, const char* key) && {
    json[key] = {{"words", std::move(words_)}, {"of", std::move(column_)}};
  }

 private:
  std::map<std::string, std::size_t> number_;
  Json words_ = Json::array();
  Json column_ = Json::array();
};

/// Four digits are enough to draw with.
Json ratio_json(double ratio) {
  if (!std::isfinite(ratio)) return number_to_json(ratio);
  return std::strtod(fmt::format("{:.4g}", ratio).c_str(), nullptr);
}

/// The sizes that figures and filters speak of; rows, columns and inner length of an operation
/// stand where attention has sq, skv and d.
struct Sizes {
  std::int64_t batch = 1;
  std::int64_t heads_q = 1;
  std::int64_t heads_kv = 1;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t inner = 0;
};

Sizes sizes_of(const AnyProblem& problem) {
  return std::visit(
      [](const auto& p) -> Sizes {
        using T = std::decay_t<decltype(p)>;
        if constexpr (std::is_same_v<T, Problem>) {
          return {p.batch, p.heads_q, p.heads_kv, p.seq_q, p.seq_kv, p.head_dim};
        } else if constexpr (std::is_same_v<T, LayerProblem>) {
          return {p.batch, p.heads, p.heads, p.seq, p.seq, p.dim / p.heads};
        } else if constexpr (std::is_same_v<T, BiasSplit>) {
          return {1, 1, 1, p.m, p.n, 0};
        } else if constexpr (std::is_same_v<T, Gemm>) {
          return {p.batch, p.heads, p.heads, p.m, p.n, p.k};
        } else {
          return {p.batch, p.heads, p.heads, p.m, p.n, 0};
        }
      },
      problem);
}

std::string mask_text(const AnyProblem& problem) {
  const auto* const attention = std::get_if<Problem>(&problem);
  if (attention == nullptr) return "-";
  const Mask& mask = attention->mask;
  std::string text;
  const auto add = [&text](const char* part) {
    text += (text.empty() ? "" : "&") + std::string(part);
  };
  if (mask.causal == Alignment::top_left) add("causal-tl");
  if (mask.causal == Alignment::bottom_right) add("causal-br");
  if (mask.window) add("window");
  if (mask.kv_lengths) add("padding");
  if (mask.boolean) add("bool");
  if (mask.bias) add("bias");
  if (mask.alibi) add("alibi");
  return text.empty() ? "none" : text;
}

std::string data_text(const AnyProblem& problem) {
  const auto* const attention = std::get_if<Problem>(&problem);
  return attention == nullptr ? "-" : std::string(name(attention->data.kind));
}

std::string layout_text(const AnyProblem& problem) {
  const auto* const attention = std::get_if<Problem>(&problem);
  if (attention == nullptr) return "-";
  return attention->layout == Layout::bshd ? "bshd" : "bhsd";
}

/// What stands between the property and the end of the replay line: " --schedule 7".
std::string mode_text(const Case& which) {
  const std::string line = replay_line(which);
  const std::string property = "--property " + which.property;
  const std::size_t at = line.rfind(property);
  return at == std::string::npos ? "" : line.substr(at + property.size());
}

struct Columns {
  Words kernel, property, dtype, verdict, mask, data, layout, approx, reason;
  Json text = Json::array();
  Json mode = Json::array();
  Json batch = Json::array();
  Json heads_q = Json::array();
  Json heads_kv = Json::array();
  Json rows = Json::array();
  Json columns = Json::array();
  Json inner = Json::array();
  Json o = Json::array();
  Json lse = Json::array();
  Json row = Json::array();
  Json column = Json::array();
  Json launches = Json::array();
  Json instructions = Json::array();
  Json bytes = Json::array();
  std::string ids;  // eight digits each

  void add(const CaseResult& result);
  void add_words(const CaseResult& result);
  void add_counts(const CaseResult& result);
  [[nodiscard]] Json take() &&;
};

void Columns::add_words(const CaseResult& result) {
  const Case& which = result.which;
  kernel.add(which.kernel);
  property.add(which.property);
  dtype.add(std::string(name(attest::dtype(which.problem))));
  verdict.add(std::string(name(result.verdict)));
  mask.add(mask_text(which.problem));
  data.add(data_text(which.problem));
  layout.add(layout_text(which.problem));
  approx.add(std::string(name(which.mode.approx)));
  std::string why = result.reason;
  if (!result.findings.empty()) why = name(result.findings.front().kind);
  if (result.divergence) why = result.divergence->tensor + ": " + result.divergence->tier;
  reason.add(why);
}

void Columns::add_counts(const CaseResult& result) {
  std::int64_t warp_instructions = 0;
  std::int64_t requested = 0;
  bool has_traffic = !result.launches.empty();
  for (const LaunchSummary& launch : result.launches) {
    warp_instructions += launch.counts.warp_instructions;
    requested += launch.counts.traffic.global_bytes_requested;
    has_traffic &= launch.counts.has_traffic;
  }
  launches.push_back(result.launches.size());
  instructions.push_back(warp_instructions);
  bytes.push_back(has_traffic ? Json(requested) : Json());
}

void Columns::add(const CaseResult& result) {
  add_words(result);
  text.push_back(to_string(result.which.problem));
  mode.push_back(mode_text(result.which));
  const Sizes sizes = sizes_of(result.which.problem);
  batch.push_back(sizes.batch);
  heads_q.push_back(sizes.heads_q);
  heads_kv.push_back(sizes.heads_kv);
  rows.push_back(sizes.rows);
  columns.push_back(sizes.columns);
  inner.push_back(sizes.inner);
  const bool has_ratio = is_judged(result.verdict);
  o.push_back(has_ratio ? ratio_json(result.ratio_o) : Json());
  lse.push_back(has_ratio ? ratio_json(result.ratio_lse) : Json());
  row.push_back(result.worst_o ? Json((*result.worst_o)[2]) : Json());
  column.push_back(result.worst_o ? Json((*result.worst_o)[3]) : Json());
  add_counts(result);
  ids += id(result.which);
}

Json Columns::take() && {
  Json json = Json::object();
  std::move(kernel).put(json, "kernel");
  std::move(property).put(json, "property");
  std::move(dtype).put(json, "dtype");
  std::move(verdict).put(json, "verdict");
  std::move(mask).put(json, "mask");
  std::move(data).put(json, "data");
  std::move(layout).put(json, "layout");
  std::move(approx).put(json, "approx");
  std::move(reason).put(json, "reason");
  const std::pair<const char*, Json*> plain[] = {{"case", &text},
                                                 {"mode", &mode},
                                                 {"b", &batch},
                                                 {"hq", &heads_q},
                                                 {"hkv", &heads_kv},
                                                 {"sq", &rows},
                                                 {"skv", &columns},
                                                 {"d", &inner},
                                                 {"o", &o},
                                                 {"lse", &lse},
                                                 {"row", &row},
                                                 {"column", &column},
                                                 {"launches", &launches},
                                                 {"instructions", &instructions},
                                                 {"bytes", &bytes}};
  for (const auto& [key, column_of] : plain)
    json[key] = std::move(*column_of);
  json["id"] = std::move(ids);
  return json;
}

Json pipeline_json(const PipelineRecord& pipeline) {
  const PipelineTotals sum = totals(pipeline);
  Json kinds = Json::object();
  for (const StageRecord& stage : pipeline.stages) {
    if (!kinds.contains(stage.kind)) kinds[stage.kind] = 0;
    kinds[stage.kind] = kinds[stage.kind].get<int>() + 1;
  }
  return {{"name", pipeline.name},
          {"launches", pipeline.launches},
          {"kinds", std::move(kinds)},
          {"requested", sum.bytes_requested},
          {"touched", sum.bytes_touched},
          {"flops", sum.flops},
          {"mma_flops", sum.mma_flops}};
}

Json layer_json(const LayerRecord& layer) {
  Json json = {{"title", to_string(layer.layer)}, {"least", layer.bytes_least}};
  json["pipelines"] = Json::array();
  for (const PipelineRecord& pipeline : layer.pipelines)
    json["pipelines"].push_back(pipeline_json(pipeline));
  return json;
}

Json ulps_json(const RunRecord& run) {
  Json json = Json::array();
  for (const UlpSums& sum : ulp_sums(run)) {
    json.push_back({{"kernel", sum.kernel},
                    {"dtype", name(sum.dtype)},
                    {"cases", sum.cases},
                    {"of_kernel", sum.of_kernel},
                    {"of_unfused", sum.of_unfused}});
  }
  return json;
}

std::string without_angle(std::string text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text)
    c == '<' ? out += "\\u003c" : out += c;
  return out;
}

}  // namespace

std::string page_data(const RunRecord& run) {
  Columns columns;
  for (const CaseResult& result : run.cases)
    columns.add(result);
  Json json = {{"cases", std::move(columns).take()}};
  json["ulps"] = ulps_json(run);
  json["layers"] = Json::array();
  for (const LayerRecord& layer : run.layers)
    json["layers"].push_back(layer_json(layer));
  return without_angle(to_line(json));
}

}  // namespace attest
