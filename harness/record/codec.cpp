// The record's parts to and from JSON values.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/codec.h"

#include "harness/base/finding_kinds.h"
#include "harness/record/errors_codec.h"
#include "harness/record/launch_codec.h"

#include <charconv>
#include <string_view>

namespace attest {
namespace {

constexpr std::array<Space, 7> kSpaces = {Space::none,
                                          Space::global,
                                          Space::constant,
                                          Space::shared,
                                          Space::local,
                                          Space::param,
                                          Space::generic};
constexpr std::array<Access, 4> kAccesses = {
    Access::none, Access::read, Access::write, Access::atomic};

std::string_view name(Access access) {
  switch (access) {
    case Access::none:
      return "none";
    case Access::read:
      return "read";
    case Access::write:
      return "write";
    case Access::atomic:
      return "atomic";
  }
  fail_check("access has a name", __FILE__, __LINE__);
}

/// The value of `values` whose name is the string in `json`.
template <class Values>
auto named(const Values& values, const Json& json, const char* what) {
  const std::string text = value_of<std::string>(json);
  for (const auto value : values) {
    if (name(value) == text) return value;
  }
  throw DecodeError("unknown " + std::string(what) + " '" + text + "'");
}

void put_text(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = text;
}
void put_count(Json& json, const char* key, std::int64_t value) {
  if (value != 0) json[key] = value;
}

Json to_json(const Party& party) {
  Json json = {{"block", to_json(party.block)}, {"thread", to_json(party.thread)}};
  put_text(json, "file", party.site.file);
  put_count(json, "line", party.site.line);
  put_count(json, "ptx_line", party.site.ptx_line);
  if (party.access != Access::none) json["access"] = name(party.access);
  return json;
}

Party party_from_json(const Json& json) {
  Party party;
  party.block = dim3_field(json, "block");
  party.thread = dim3_field(json, "thread");
  party.site.file = field_or<std::string>(json, "file", "");
  party.site.line = field_or(json, "line", 0);
  party.site.ptx_line = field_or(json, "ptx_line", 0);
  if (json.contains("access")) party.access = named(kAccesses, field(json, "access"), "access");
  return party;
}

template <class T>
Json list_to_json(const std::vector<T>& items) {
  Json json = Json::array();
  for (const T& item : items)
    json.push_back(to_json(item));
  return json;
}

}  // namespace

Json to_json(const Dim3& d) {
  return Json::array({d.x, d.y, d.z});
}

Dim3 dim3_from_json(const Json& json) {
  return {value_of<std::uint32_t>(json.at(0)),
          value_of<std::uint32_t>(json.at(1)),
          value_of<std::uint32_t>(json.at(2))};
}

Json word_to_json(std::uint64_t word) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, word, 16);
  return "0x" + std::string(digits, end.ptr);
}

Dim3 dim3_field(const Json& json, const char* key) {
  const Json& size = field(json, key);
  try {
    return dim3_from_json(size);
  } catch (const DecodeError& error) {
    throw DecodeError(std::string(key) + ": " + error.what());
  } catch (const Json::exception& error) {
    throw DecodeError(std::string(key) + ": " + plain_message(error));
  }
}

std::uint64_t word_from_json(const Json& json) {
  const std::string text = value_of<std::string>(json);
  std::uint64_t word = 0;
  if (text.size() > 2 && text.compare(0, 2, "0x") == 0) {
    const char* last = text.data() + text.size();
    const auto end = std::from_chars(text.data() + 2, last, word, 16);
    if (end.ec == std::errc() && end.ptr == last) return word;
  }
  throw DecodeError("'" + text + "' is not a word such as 0x2a");
}

Finding finding_from_json(const Json& json) {
  Finding finding;
  finding.kind = named(kFindingKinds, field(json, "kind"), "finding");
  finding.kernel = field<std::string>(json, "kernel");
  finding.party = party_from_json(field(json, "party"));
  if (json.contains("other")) finding.other = party_from_json(field(json, "other"));
  if (json.contains("space")) finding.space = named(kSpaces, field(json, "space"), "space");
  finding.address = json.contains("address") ? word_from_json(field(json, "address")) : 0;
  finding.size_bytes = field_or<std::int64_t>(json, "size_bytes", 0);
  finding.allocation = field_or<std::string>(json, "allocation", "");
  finding.distance_bytes = field_or<std::int64_t>(json, "distance_bytes", 0);
  finding.message = field_or<std::string>(json, "message", "");
  return finding;
}

DivergenceRecord divergence_from_json(const Json& json) {
  DivergenceRecord d;
  d.tier = field<std::string>(json, "tier");
  d.tensor = field<std::string>(json, "tensor");
  d.index = field<std::array<std::int64_t, 4>>(json, "index");
  d.got = number_field(json, "got");
  d.want = number_field(json, "want");
  d.bound = number_field(json, "bound");
  d.got_bits = static_cast<std::uint32_t>(word_from_json(field(json, "got_bits")));
  d.want_bits = static_cast<std::uint32_t>(word_from_json(field(json, "want_bits")));
  d.wrong = field<std::int64_t>(json, "wrong");
  d.total = field<std::int64_t>(json, "total");
  d.pattern = field_or<std::string>(json, "pattern", "");
  d.bound_terms = field_or<std::string>(json, "bound_terms", "");
  return d;
}

Verdict verdict_from_json(const Json& json) {
  return named(kVerdicts, json, "verdict");
}

Json to_json(const Finding& finding) {
  Json json = {
      {"kind", name(finding.kind)}, {"kernel", finding.kernel}, {"party", to_json(finding.party)}};
  if (finding.other) json["other"] = to_json(*finding.other);
  if (finding.space != Space::none) json["space"] = name(finding.space);
  if (finding.address != 0) json["address"] = word_to_json(finding.address);
  put_count(json, "size_bytes", finding.size_bytes);
  put_text(json, "allocation", finding.allocation);
  put_count(json, "distance_bytes", finding.distance_bytes);
  put_text(json, "message", finding.message);
  return json;
}

Json to_json(const DivergenceRecord& divergence) {
  Json json = {{"tier", divergence.tier},
               {"tensor", divergence.tensor},
               {"index", divergence.index},
               {"got", number_to_json(divergence.got)},
               {"want", number_to_json(divergence.want)},
               {"bound", number_to_json(divergence.bound)},
               {"got_bits", word_to_json(divergence.got_bits)},
               {"want_bits", word_to_json(divergence.want_bits)},
               {"wrong", divergence.wrong},
               {"total", divergence.total}};
  put_text(json, "pattern", divergence.pattern);
  put_text(json, "bound_terms", divergence.bound_terms);
  return json;
}

void put_mode(Json& json, const Mode& mode) {
  put_text(json, "arch", mode.arch);
  if (mode.schedule != 0) json["schedule"] = word_to_json(mode.schedule);
  const Mode plain;
  if (mode.mma != plain.mma) json["mma"] = name(mode.mma);
  if (mode.approx != plain.approx) json["approx"] = name(mode.approx);
  if (mode.contract != plain.contract) json["contract"] = name(mode.contract);
  if (mode.device != plain.device) json["device"] = name(mode.device);
}

Mode mode_from_json(const Json& json) {
  Mode mode;
  mode.arch = field_or<std::string>(json, "arch", "");
  mode.schedule = json.contains("schedule") ? word_from_json(field(json, "schedule")) : 0;
  if (json.contains("mma")) mode.mma = named(kMmaBits, field(json, "mma"), "mma");
  if (json.contains("approx")) mode.approx = named(kApprox, field(json, "approx"), "approx");
  if (json.contains("contract"))
    mode.contract = named(kContract, field(json, "contract"), "contract");
  if (json.contains("device")) mode.device = named(kDevices, field(json, "device"), "device");
  return mode;
}

Json to_json(const Case& which) {
  Json json = {
      {"case", to_string(which.problem)}, {"kernel", which.kernel}, {"property", which.property}};
  put_mode(json, which.mode);
  return json;
}

Case case_from_json(const Json& json) {
  auto problem = parse_any(field<std::string>(json, "case"));
  if (!problem) throw DecodeError(problem.error().to_string());
  Case which;
  which.problem = *problem;
  which.kernel = field<std::string>(json, "kernel");
  which.property = field<std::string>(json, "property");
  which.mode = mode_from_json(json);
  return which;
}

Json to_json(const CaseResult& result) {
  Json json = {{"id", id(result.which)}};
  json.update(to_json(result.which));
  json["verdict"] = name(result.verdict);
  put_text(json, "reason", result.reason);
  if (is_judged(result.verdict)) {
    json["ratio_o"] = number_to_json(result.ratio_o);
    json["ratio_lse"] = number_to_json(result.ratio_lse);
    if (result.ratio_likely != 0) json["ratio_likely"] = number_to_json(result.ratio_likely);
  }
  if (result.worst_o) json["worst_o"] = *result.worst_o;
  if (result.divergence) json["divergence"] = to_json(*result.divergence);
  if (result.ulps) json["ulps"] = to_json(*result.ulps);
  if (!result.findings.empty()) json["findings"] = list_to_json(result.findings);
  if (!result.launches.empty()) json["launches"] = list_to_json(result.launches);
  if (result.errors) json["errors"] = to_json(*result.errors);
  put_text(json, "known", result.known);
  return json;
}

CaseResult case_result_from_json(const Json& json) {
  CaseResult result;
  result.which = case_from_json(json);
  result.verdict = verdict_from_json(field(json, "verdict"));
  result.reason = field_or<std::string>(json, "reason", "");
  if (json.contains("ratio_o")) result.ratio_o = number_field(json, "ratio_o");
  if (json.contains("ratio_lse")) result.ratio_lse = number_field(json, "ratio_lse");
  if (json.contains("ratio_likely")) result.ratio_likely = number_field(json, "ratio_likely");
  if (json.contains("worst_o")) {
    result.worst_o = field<std::array<std::int64_t, 4>>(json, "worst_o");
  }
  if (json.contains("divergence"))
    result.divergence = divergence_from_json(field(json, "divergence"));
  if (json.contains("ulps")) result.ulps = ulps_from_json(field(json, "ulps"));
  if (json.contains("findings")) {
    result.findings = list_field(json, "findings", finding_from_json);
  }
  if (json.contains("launches")) {
    result.launches = list_field(json, "launches", launch_from_json);
  }
  if (json.contains("errors")) result.errors = errors_from_json(field(json, "errors"));
  result.known = field_or<std::string>(json, "known", "");
  return result;
}

Json to_json(const FailureRecord& failure) {
  Json json = to_json(failure.shrunk);
  json["found"] = to_json(failure.found);
  json["steps"] = failure.steps;
  json["seen"] = failure.seen;
  json["replay"] = replay_line(failure.shrunk.which);
  if (failure.diagnosis) json["diagnosis"] = to_json(*failure.diagnosis);
  return json;
}

FailureRecord failure_from_json(const Json& json) {
  FailureRecord failure;
  failure.shrunk = case_result_from_json(json);
  failure.found = case_from_json(field(json, "found"));
  failure.steps = field<std::int64_t>(json, "steps");
  failure.seen = field<std::int64_t>(json, "seen");
  if (json.contains("diagnosis")) failure.diagnosis = diagnosis_from_json(field(json, "diagnosis"));
  return failure;
}

Json to_json(const PtxasFigures& figures) {
  return {{"entry", figures.entry},
          {"arch", figures.arch},
          {"registers", figures.registers},
          {"spill_store_bytes", figures.spill_store_bytes},
          {"spill_load_bytes", figures.spill_load_bytes},
          {"stack_bytes", figures.stack_bytes},
          {"static_shared_bytes", figures.static_shared_bytes}};
}

PtxasFigures ptxas_from_json(const Json& json) {
  PtxasFigures figures;
  figures.entry = field<std::string>(json, "entry");
  figures.arch = field<std::string>(json, "arch");
  figures.registers = field<std::int64_t>(json, "registers");
  figures.spill_store_bytes = field<std::int64_t>(json, "spill_store_bytes");
  figures.spill_load_bytes = field<std::int64_t>(json, "spill_load_bytes");
  figures.stack_bytes = field<std::int64_t>(json, "stack_bytes");
  figures.static_shared_bytes = field<std::int64_t>(json, "static_shared_bytes");
  return figures;
}

Shard shard_from_json(const Json& json) {
  auto shard = parse_shard(json.get_ref<const std::string&>());
  if (!shard) throw DecodeError(shard.error().to_string());
  return *shard;
}

Json to_json(const Environment& env) {
  Json json = {{"host", env.host},
               {"version", env.version},
               {"compiler", env.compiler},
               {"nvcc", env.nvcc},
               {"command", env.command},
               {"started", env.started},
               {"wall_seconds", number_to_json(env.wall_seconds)},
               {"jobs", env.jobs}};
  if (env.shard != Shard{}) json["shard"] = to_string(env.shard);
  if (!env.missing.empty()) json["missing"] = env.missing;
  if (!env.retried.empty()) json["retried"] = env.retried;
  for (const PtxasFigures& figures : env.ptxas)
    json["ptxas"].push_back(to_json(figures));
  return json;
}

Environment environment_from_json(const Json& json) {
  Environment env;
  env.host = field_or<std::string>(json, "host", "");
  env.version = field_or<std::string>(json, "version", "");
  env.compiler = field_or<std::string>(json, "compiler", "");
  env.nvcc = field_or<std::string>(json, "nvcc", "");
  env.command = field_or<std::string>(json, "command", "");
  env.started = field_or<std::string>(json, "started", "");
  if (json.contains("wall_seconds")) env.wall_seconds = number_field(json, "wall_seconds");
  env.jobs = field_or(json, "jobs", 1);
  if (json.contains("shard")) env.shard = shard_from_json(json.at("shard"));
  env.missing = field_or<std::vector<std::string>>(json, "missing", {});
  env.retried = field_or<std::vector<std::string>>(json, "retried", {});
  if (json.contains("ptxas")) {
    env.ptxas = list_field(json, "ptxas", ptxas_from_json);
  }
  return env;
}

}  // namespace attest
