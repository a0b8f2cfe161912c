// The layout of run.json.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "harness/record/codec.h"
#include "harness/record/figures.h"
#include "harness/record/totals.h"

namespace attest {
namespace {

void put_counts(Json& json, const VerdictCounts& counts) {
  json["cases"] = counts.judged();
  for (const Verdict verdict : kVerdicts)
    json[std::string(name(verdict))] = counts[verdict];
}

Json totals_to_json(const RunRecord& run, const Totals& totals) {
  Json json = Json::object();
  put_counts(json, totals.counts);
  json["discarded"] = run.discarded;
  json["duplicates"] = run.duplicates;
  json["planned"] = run.planned;
  json["launches"] = totals.launches;
  return json;
}

Json largest_to_json(const Totals& totals) {
  Json json = Json::object();
  for (const DtypeLargest& entry : totals.largest) {
    json[std::string(name(entry.dtype))] = {{"o", number_to_json(entry.o.ratio)},
                                            {"o_id", entry.o.id},
                                            {"lse", number_to_json(entry.lse.ratio)},
                                            {"lse_id", entry.lse.id}};
  }
  return json;
}

Json figures_to_json(const RunRecord& run) {
  Json json = Json::array();
  for (const Figures& entry : figures(run)) {
    json.push_back({{"kernel", entry.kernel},
                    {"dtype", name(entry.dtype)},
                    {"cases", entry.cases},
                    {"elements", entry.elements},
                    {"ratio_max", number_to_json(entry.ratio_max)},
                    {"ratio_rms", number_to_json(entry.ratio_rms)},
                    {"bias", number_to_json(entry.bias)},
                    {"bound_over_o", number_to_json(entry.bound_over_o)},
                    {"likely_max", number_to_json(entry.likely_max)},
                    {"unfused_max", number_to_json(entry.unfused_max)},
                    {"conclusive", entry.conclusive},
                    {"above_twice", entry.above_twice},
                    {"inconclusive", entry.inconclusive}});
  }
  return json;
}

Json cells_to_json(const Totals& totals) {
  Json json = Json::array();
  for (const Cell& cell : totals.cells) {
    Json entry = {
        {"kernel", cell.kernel}, {"property", cell.property}, {"dtype", name(cell.dtype)}};
    put_counts(entry, cell.counts);
    entry["launches"] = cell.launches;
    entry["largest_o"] = number_to_json(cell.o.ratio);
    entry["largest_lse"] = number_to_json(cell.lse.ratio);
    json.push_back(std::move(entry));
  }
  return json;
}

Json skips_to_json(const Totals& totals) {
  Json json = Json::array();
  for (const Skip& skip : totals.skips) {
    json.push_back({{"verdict", name(skip.verdict)},
                    {"kernel", skip.kernel},
                    {"reason", skip.reason},
                    {"cases", skip.cases}});
  }
  return json;
}

RunRecord run_from_json(const Json& json) {
  RunRecord run;
  run.seed = word_from_json(field(json, "seed"));
  run.profile = field<std::string>(json, "profile");
  run.plan = field_or<std::string>(json, "plan", "");
  run.interrupted = field<bool>(json, "interrupted");
  const Json& totals = field(json, "totals");
  run.discarded = field<std::int64_t>(totals, "discarded");
  run.duplicates = field<std::int64_t>(totals, "duplicates");
  run.planned = field<std::int64_t>(totals, "planned");
  run.failures = list_field(json, "failures", failure_from_json);
  run.cases = list_field(json, "cases", case_result_from_json);
  if (json.contains("layers")) {
    run.layers = list_field(json, "layers", layer_from_json);
  }
  if (json.contains("oracles")) {
    for (const auto& item : json.at("oracles").items())
      run.oracles.push_back(oracle_from_json(item.key(), item.value()));
  }
  if (json.contains("pairs")) run.pairs = list_field(json, "pairs", pairs_from_json);
  run.env = environment_from_json(field(json, "env"));
  return run;
}

}  // namespace

std::string to_run_json(const RunRecord& run) {
  const Totals totals = tally(run);
  Json json = {
      {"schema", kSchemaVersion}, {"seed", word_to_json(run.seed)}, {"profile", run.profile}};
  if (!run.plan.empty()) json["plan"] = run.plan;
  json["interrupted"] = run.interrupted;
  json["totals"] = totals_to_json(run, totals);
  json["largest"] = largest_to_json(totals);
  json["figures"] = figures_to_json(run);
  json["cells"] = cells_to_json(totals);
  json["skips"] = skips_to_json(totals);
  json["failures"] = Json::array();
  for (const FailureRecord& failure : run.failures)
    json["failures"].push_back(to_json(failure));
  json["cases"] = Json::array();
  for (const CaseResult& result : run.cases)
    json["cases"].push_back(to_json(result));
  for (const LayerRecord& layer : run.layers)
    json["layers"].push_back(to_json(layer));
  for (const OracleRecord& oracle : run.oracles)
    json["oracles"][oracle.name] = to_json(oracle);
  for (const PairRecord& pairs : run.pairs)
    json["pairs"].push_back(to_json(pairs));
  json["env"] = to_json(run.env);
  return to_text(json, 2);
}

Result<RunRecord> parse_run_json(std::string_view text, const std::string& name) {
  ATTEST_TRY(const Json json, parse_json(text, name));
  ATTEST_TRY(const int schema,
             from_json_or_error(name, [&json] { return field<int>(json, "schema"); }));
  if (schema != kSchemaVersion) {
    return Error{Code::unsupported,
                 "schema " + std::to_string(schema) + "; this program reads " +
                     std::to_string(kSchemaVersion),
                 name};
  }
  return from_json_or_error(name, [&json] { return run_from_json(json); });
}

}  // namespace attest
