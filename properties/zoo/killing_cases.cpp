// Stored cases as lines of JSON; how they are found and tried.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/killing_cases.h"

#include "harness/base/check.h"
#include "harness/record/codec.h"
#include "properties/search.h"
#include "properties/zoo/detectors.h"
#include "properties/zoo/patient.h"

#include <algorithm>
#include <utility>

namespace attest {
namespace embedded {
std::string_view zoo_killing_cases();
}  // namespace embedded

namespace {

constexpr std::int64_t kShrinkBudget = 400;  // evaluations
constexpr const char* kAgreement = "agrees_with_reference";

const Property* property_of(const Case& which) {
  const auto& all = all_properties();
  const auto at = std::find_if(all.begin(), all.end(), [&which](const Property& property) {
    return property.name == which.property;
  });
  return at == all.end() ? nullptr : &*at;
}

bool names(const Sighting& seen, FaultClass fault_class) {
  return std::find(seen.classes.begin(), seen.classes.end(), fault_class) != seen.classes.end();
}

Case shrunk(const CaseResult& found,
            const Patient& patient,
            const Property& property,
            Executor& executor,
            const std::function<bool()>& is_late) {
  if (patient.pipeline != nullptr) return found.which;
  const Evaluate evaluate = [&](const Case& which) {
    CaseResult none;
    none.which = which;
    return is_late() ? none : judge_case(patient, property, which, executor);
  };
  return shrink(found, evaluate, {.budget = kShrinkBudget}).shrunk.which;
}

Case example_of(const ZooFault& fault) {
  Case which;
  which.problem = parse_any(fault.example).value();
  which.kernel = std::string(fault.image.name);
  which.property = fault.property.empty() ? kAgreement : fault.property;
  return which;
}

ZooFaultRecord record_of(const ZooFault& fault) {
  ZooFaultRecord record;
  record.name = fault.name;
  record.kernel = fault.kernel;
  record.models = fault.models;
  record.facts = fault.facts;
  record.fault_class = name(fault.fault_class);
  record.equivalent = fault.equivalent;
  return record;
}

KillingCase from_json(const Json& json) {
  return {field<std::string>(json, "fault"),
          field<std::string>(json, "detector"),
          case_from_json(json)};
}

}  // namespace

std::string to_lines(const std::vector<KillingCase>& cases) {
  std::string out;
  for (const KillingCase& stored : cases) {
    Json json = {{"fault", stored.fault}, {"detector", stored.detector}};
    json.update(to_json(stored.which));
    out += to_line(json) + "\n";
  }
  return out;
}

Result<std::vector<KillingCase>> parse_killing_cases(std::string_view text,
                                                     const std::string& name) {
  std::vector<KillingCase> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::string where = name + ":" + std::to_string(number);
    ATTEST_TRY(const Json json, parse_json(line, where));
    ATTEST_TRY(KillingCase stored, from_json_or_error(where, [&json] { return from_json(json); }));
    out.push_back(std::move(stored));
  }
  return out;
}

const std::vector<KillingCase>& stored_killing_cases() {
  static const std::vector<KillingCase> stored =
      parse_killing_cases(embedded::zoo_killing_cases(), "killing_cases.ndjson").value();
  return stored;
}

std::optional<KillingCase> killing_case_of(const ZooFault& fault,
                                           const Examination& examination,
                                           Executor& executor,
                                           const std::function<bool()>& is_late) {
  if (!fault.equivalent.empty()) return KillingCase{fault.name, "", example_of(fault)};
  const Patient patient = faulty_patient(fault);
  std::vector<Case> candidates;
  for (std::size_t n = 0; n < examination.cases.size(); ++n) {
    if (examination.fault.kills[n].names_class) candidates.push_back(examination.cases[n]);
  }
  candidates.push_back(example_of(fault));
  for (const Case& which : candidates) {
    const Property* const property = property_of(which);
    if (property == nullptr) continue;
    const CaseResult found = judge_case(patient, *property, which, executor);
    for (const Sighting& seen : sightings(*property, found)) {
      if (!names(seen, fault.fault_class)) continue;  // what was seen without checks may not be now
      return KillingCase{
          fault.name, seen.detector, shrunk(found, patient, *property, executor, is_late)};
    }
  }
  return std::nullopt;
}

ZooFaultRecord try_killing_case(const ZooFault& fault,
                                const KillingCase* stored,
                                Executor& executor) {
  ZooFaultRecord record = record_of(fault);
  const Patient faulty = faulty_patient(fault);
  const Patient correct = correct_patient(fault);
  record.is_dead = !changes_instructions(correct, faulty, fault.example);
  const Property* const property = stored == nullptr ? nullptr : property_of(stored->which);
  if (record.is_dead || property == nullptr) return record;
  const CaseResult right = judge_case(correct, *property, stored->which, executor);
  if (right.verdict != Verdict::agree) record.alarms.push_back(replay_line(right.which));
  const CaseResult wrong = judge_case(faulty, *property, stored->which, executor);
  record.cases = is_judged(wrong.verdict) ? 1 : 0;
  for (const Sighting& seen : sightings(*property, wrong)) {
    if (!stored->detector.empty() && seen.detector != stored->detector) continue;
    ZooKill kill;
    kill.detector = seen.detector;
    kill.names_class = names(seen, fault.fault_class);
    kill.cases = 1;
    if (wrong.divergence) kill.tier = wrong.divergence->tier;
    kill.replay = replay_line(wrong.which);
    record.kills.push_back(std::move(kill));
  }
  return record;
}

}  // namespace attest
