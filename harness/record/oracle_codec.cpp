// An oracle's record to and from JSON.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"

namespace attest {
namespace {

Json to_json(const std::vector<CountedReason>& reasons) {
  Json json = Json::array();
  for (const CountedReason& counted : reasons)
    json.push_back({{"reason", counted.reason}, {"keys", counted.keys}});
  return json;
}

std::vector<CountedReason> reasons_from_json(const Json& json) {
  std::vector<CountedReason> reasons;
  for (const Json& item : json) {
    reasons.push_back({item.at("reason").get<std::string>(), item.at("keys").get<std::int64_t>()});
  }
  return reasons;
}

Json to_json(const PlannedKey& key) {
  Json json = {{"key", key.key},
               {"case", key.problem},
               {"tier", key.tier},
               {"engine", key.engine},
               {"kernels", key.kernels},
               {"workspace", key.workspace_bytes},
               {"opinion", key.opinion}};
  if (!key.detail.empty()) json["detail"] = key.detail;
  return json;
}

PlannedKey key_from_json(const Json& json) {
  PlannedKey key;
  key.key = json.at("key").get<std::string>();
  key.problem = json.at("case").get<std::string>();
  key.tier = json.at("tier").get<std::string>();
  key.engine = json.at("engine").get<std::string>();
  key.kernels = json.at("kernels").get<std::vector<std::string>>();
  key.workspace_bytes = json.at("workspace").get<std::int64_t>();
  key.opinion = json.at("opinion").get<std::string>();
  key.detail = json.value("detail", "");
  return key;
}

}  // namespace

Json to_json(const OracleRecord& oracle) {
  Json json = {{"state", oracle.state}};
  if (!oracle.is_built()) return json;
  const OracleCounts counts = count(oracle);
  json["version"] = oracle.version;
  json["frontend"] = oracle.frontend;
  json["executed"] = counts.executed;
  json["executed_agree"] = counts.executed_agree;
  json["planned"] = counts.planned;
  json["graphs_agree"] = counts.graphs_agree;
  json["disagree"] = counts.disagree;
  json["admitted"] = oracle.admitted;
  json["refused"] = counts.refused;
  json["died"] = counts.died;
  json["not_evaluated"] = to_json(counts.not_evaluated);
  json["refusals"] = to_json(oracle.refusals);
  json["deaths"] = to_json(oracle.deaths);
  json["keys"] = Json::array();
  for (const PlannedKey& key : oracle.keys)
    json["keys"].push_back(to_json(key));
  return json;
}

OracleRecord oracle_from_json(const std::string& name, const Json& json) {
  OracleRecord oracle;
  oracle.name = name;
  oracle.state = json.at("state").get<std::string>();
  if (!oracle.is_built()) return oracle;
  oracle.version = json.at("version").get<std::string>();
  oracle.frontend = json.at("frontend").get<std::string>();
  oracle.admitted = json.at("admitted").get<std::int64_t>();
  oracle.refusals = reasons_from_json(json.at("refusals"));
  oracle.deaths = reasons_from_json(json.at("deaths"));
  for (const Json& item : json.at("keys"))
    oracle.keys.push_back(key_from_json(item));
  return oracle;
}

}  // namespace attest
