// Layout of the comparison's JSON.
// SPDX-License-Identifier: Apache-2.0
#include "reports/compare_json.h"

#include "harness/record/json_text.h"

#include <utility>

namespace attest {
namespace {

constexpr int kVersion = 1;

Json to_json(const Figure& figure) {
  Json json = {{"before", number_to_json(figure.before)},
               {"after", number_to_json(figure.after)},
               {"rise", number_to_json(figure.rise)},
               {"fall", number_to_json(figure.fall)}};
  if (!figure.id.empty()) json["id"] = figure.id;
  return json;
}

Json to_json(const KernelChange& change) {
  Json figures = Json::object();
  for (const Metric metric : kMetrics) {
    if (change[metric]) figures[std::string(name(metric))] = to_json(*change[metric]);
  }
  return {{"kernel", change.kernel},
          {"change", name(change.word)},
          {"common", change.common},
          {"gone", change.only_base},
          {"new", change.only_new},
          {"figures", std::move(figures)}};
}

Json to_json(const std::vector<VerdictChange>& changes) {
  Json json = Json::array();
  for (const VerdictChange& change : changes) {
    json.push_back({{"id", change.id},
                    {"kernel", change.kernel},
                    {"before", change.before},
                    {"after", change.after},
                    {"what", change.what},
                    {"replay", change.replay}});
  }
  return json;
}

}  // namespace

std::string to_comparison_json(const Comparison& comparison,
                               const std::vector<GateOutcome>& gates) {
  Json json = {{"schema", kVersion},
               {"common", comparison.common},
               {"gone", comparison.only_base},
               {"new", comparison.only_new},
               {"failures", to_json(comparison.failures)},
               {"fixed", to_json(comparison.fixed)},
               {"kernels", Json::array()},
               {"gates", Json::array()}};
  for (const KernelChange& change : comparison.kernels)
    json["kernels"].push_back(to_json(change));
  for (const GateOutcome& outcome : gates) {
    Json gate = {{"gate", outcome.gate}, {"holds", !outcome.line.empty()}};
    if (!outcome.line.empty()) gate["line"] = outcome.line;
    json["gates"].push_back(std::move(gate));
  }
  return to_text(json, 2);
}

}  // namespace attest
