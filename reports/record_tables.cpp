// Tables of the record that the page alone shows.
// SPDX-License-Identifier: Apache-2.0
#include "reports/record_tables.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace attest {

Table oracles_table(const RunRecord& run) {
  Table table{{{"oracle"}, {"what it is"}, {"judged"}}, {}};
  table.rows.push_back({"eigen",
                        "the reference: in double, from the formula",
                        fmt::format("{} cases", judged(run))});
  for (const LayerRecord& layer : run.layers) {
    if (!layer.graph) continue;
    table.rows.push_back(
        {"onnx graph",
         fmt::format(
             "{} nodes, evaluated in double: {}", layer.graph->nodes, name(layer.graph->verdict)),
         to_string(layer.layer)});
  }
  return table;
}

Table pairs_table(const RunRecord& run) {
  Table table{{{"kernel"}, {"dtype"}, {"pairs", true}, {"met", true}, {"empty", true}}, {}};
  for (const PairRecord& pairs : run.pairs) {
    table.rows.push_back({pairs.kernel,
                          std::string(name(pairs.dtype)),
                          std::to_string(pairs.possible),
                          std::to_string(pairs.met),
                          std::to_string(pairs.possible - pairs.met)});
  }
  return table;
}

Table keys_table(const OracleRecord& oracle) {
  Table table{{{"key"}, {"tier"}, {"opinion"}, {"engine"}, {"kernels"}, {"workspace", true}}, {}};
  for (const PlannedKey& key : oracle.keys) {
    const std::string detail = key.detail.empty() ? "" : ": " + key.detail;
    table.rows.push_back({key.key,
                          key.tier,
                          key.opinion + detail,
                          key.engine,
                          fmt::format("{}", fmt::join(key.kernels, " ")),
                          std::to_string(key.workspace_bytes)});
  }
  return table;
}

Table reasons_table(const OracleRecord& oracle) {
  Table table{{{"outcome"}, {"reason"}, {"keys", true}}, {}};
  if (oracle.admitted > 0)
    table.rows.push_back({"admitted", "no plan was asked for", std::to_string(oracle.admitted)});
  const std::pair<const char*, const std::vector<CountedReason>*> kinds[] = {
      {"refused", &oracle.refusals}, {"died", &oracle.deaths}};
  for (const auto& [outcome, reasons] : kinds) {
    for (const CountedReason& reason : *reasons)
      table.rows.push_back({outcome, reason.reason, std::to_string(reason.keys)});
  }
  return table;
}

Table run_table(const RunRecord& run) {
  const Environment& env = run.env;
  Table table{{{"what"}, {"value"}}, {}};
  table.rows = {{"command", env.command},
                {"profile", run.profile},
                {"seed", fmt::format("{:#x}", run.seed)},
                {"attest", env.version},
                {"compiler", env.compiler},
                {"nvcc", env.nvcc},
                {"host", env.host},
                {"started", env.started},
                {"seconds", fmt::format("{:.1f} on {} threads", env.wall_seconds, env.jobs)}};
  return table;
}

}  // namespace attest
