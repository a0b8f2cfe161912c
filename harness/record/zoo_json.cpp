// The layout of zoo.json, and its inverse.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"
#include "harness/record/zoo_record.h"

#include <algorithm>

namespace attest {
namespace {

constexpr int kZooSchema = 1;

Json to_json(const ZooKill& kill) {
  Json json = {
      {"detector", kill.detector}, {"names_class", kill.names_class}, {"cases", kill.cases}};
  if (!kill.tier.empty()) json["tier"] = kill.tier;
  json["replay"] = kill.replay;
  return json;
}

Json to_json(const ZooFaultRecord& fault) {
  Json json = {{"name", fault.name},
               {"kernel", fault.kernel},
               {"models", fault.models},
               {"facts", fault.facts},
               {"class", fault.fault_class}};
  if (!fault.equivalent.empty()) json["reason"] = fault.equivalent;
  json["killed_by"] = Json::array();
  for (const ZooKill& kill : fault.kills)
    json["killed_by"].push_back(kill.detector);
  json["named"] = is_named(fault);
  json["compared"] = fault.compared;
  json["cases"] = fault.cases;
  if (fault.is_dead) json["dead_anchor"] = true;
  if (fault.is_late) json["late"] = true;
  json["deaf"] = fault.deaf;
  if (!fault.alarms.empty()) json["false_alarms"] = fault.alarms;
  json["kills"] = Json::array();
  for (const ZooKill& kill : fault.kills)
    json["kills"].push_back(to_json(kill));
  return json;
}

ZooKill kill_from_json(const Json& json) {
  ZooKill kill;
  kill.detector = field<std::string>(json, "detector");
  kill.names_class = field<bool>(json, "names_class");
  kill.cases = field<std::int64_t>(json, "cases");
  kill.tier = field_or<std::string>(json, "tier", "");
  kill.replay = field<std::string>(json, "replay");
  return kill;
}

std::string text_of(const Json& json) {
  return value_of<std::string>(json);
}

ZooFaultRecord fault_from_json(const Json& json) {
  ZooFaultRecord fault;
  fault.name = field<std::string>(json, "name");
  fault.kernel = field<std::string>(json, "kernel");
  fault.models = field<std::string>(json, "models");
  fault.facts = list_field(json, "facts", [](const Json& number) { return value_of<int>(number); });
  fault.fault_class = field<std::string>(json, "class");
  fault.equivalent = field_or<std::string>(json, "reason", "");
  fault.is_dead = field_or(json, "dead_anchor", false);
  fault.is_late = field_or(json, "late", false);
  fault.cases = field<std::int64_t>(json, "cases");
  fault.kills = list_field(json, "kills", kill_from_json);
  fault.deaf = list_field(json, "deaf", text_of);
  fault.compared = list_field(json, "compared", text_of);
  if (json.contains("false_alarms")) fault.alarms = list_field(json, "false_alarms", text_of);
  return fault;
}

DetectorKind kind_from_json(const Json& json) {
  const auto text = field<std::string>(json, "kind");
  const auto at = std::find_if(kDetectorKinds.begin(),
                               kDetectorKinds.end(),
                               [&](DetectorKind kind) { return name(kind) == text; });
  if (at == kDetectorKinds.end()) throw DecodeError("kind: no kind of detector is '" + text + "'");
  return *at;
}

ZooDetector detector_from_json(const Json& json) {
  return {field<std::string>(json, "name"), kind_from_json(json)};
}

/// Name and reason of each.
Json reasons(const ZooRecord& zoo, std::string (*reason)(const ZooFaultRecord&)) {
  Json json = Json::array();
  for (const ZooFaultRecord& fault : zoo.faults) {
    const std::string why = reason(fault);
    if (!why.empty()) json.push_back({{"name", fault.name}, {"reason", why}});
  }
  return json;
}

Json totals_to_json(const ZooRecord& zoo) {
  const ZooTotals sums = totals(zoo);
  Json json = {{"faults", sums.faults},
               {"killed", sums.killed},
               {"named", sums.named},
               {"numbers", sums.numbers}};
  std::size_t at = 0;
  for (const ZooDetector& detector : zoo.detectors) {
    if (detector.kind == DetectorKind::comparison) json[detector.name] = sums.compared[at++];
  }
  json["dead_anchors"] = sums.dead;
  json["revealed"] = sums.revealed;
  json["false_alarms"] = sums.alarms;
  return json;
}

}  // namespace

std::string to_zoo_json(const ZooRecord& zoo) {
  Json json = {{"schema", kZooSchema},
               {"seed", word_to_json(zoo.seed)},
               {"cases_per_fault", zoo.cases},
               {"totals", totals_to_json(zoo)},
               {"detectors", Json::array()},
               {"faults", Json::array()}};
  for (const ZooDetector& detector : zoo.detectors)
    json["detectors"].push_back({{"name", detector.name}, {"kind", name(detector.kind)}});
  Json equivalents = Json::array();
  for (const ZooFaultRecord& fault : zoo.faults)
    (fault.equivalent.empty() ? json["faults"] : equivalents).push_back(to_json(fault));
  json["survivors"] = reasons(zoo, survival);
  json["equivalents"] = std::move(equivalents);
  json["env"] = {{"seconds_per_fault", number_to_json(zoo.seconds_per_fault)},
                 {"wall_seconds", number_to_json(zoo.wall_seconds)},
                 {"jobs", zoo.jobs}};
  return to_text(json, 2);
}

Result<ZooRecord> parse_zoo_json(std::string_view text, const std::string& name) {
  ATTEST_TRY(const Json json, parse_json(text, name));
  ATTEST_TRY(const int schema,
             from_json_or_error(name, [&json] { return field<int>(json, "schema"); }));
  if (schema != kZooSchema) {
    return Error{
        Code::unsupported,
        "schema " + std::to_string(schema) + "; this program reads " + std::to_string(kZooSchema),
        name};
  }
  return from_json_or_error(name, [&json] {
    ZooRecord zoo;
    zoo.seed = word_from_json(field(json, "seed"));
    zoo.cases = field<std::int64_t>(json, "cases_per_fault");
    zoo.detectors = list_field(json, "detectors", detector_from_json);
    zoo.faults = list_field(json, "faults", fault_from_json);
    for (ZooFaultRecord& fault : list_field(json, "equivalents", fault_from_json))
      zoo.faults.push_back(std::move(fault));
    std::sort(zoo.faults.begin(), zoo.faults.end(), [](const auto& a, const auto& b) {
      return a.name < b.name;
    });
    const Json& env = field(json, "env");
    zoo.seconds_per_fault = number_field(env, "seconds_per_fault");
    zoo.wall_seconds = number_field(env, "wall_seconds");
    zoo.jobs = field<int>(env, "jobs");
    return zoo;
  });
}

}  // namespace attest
