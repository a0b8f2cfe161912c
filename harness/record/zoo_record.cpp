// What a zoo's record adds up to.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/zoo_record.h"

#include "harness/base/check.h"

#include <algorithm>
#include <set>

namespace attest {

std::string_view name(DetectorKind kind) {
  switch (kind) {
    case DetectorKind::tier:
      return "tier";
    case DetectorKind::property:
      return "property";
    case DetectorKind::check:
      return "check";
    case DetectorKind::comparison:
      return "comparison";
  }
  fail_check("kind of detector has a name", __FILE__, __LINE__);
}

bool is_killed(const ZooFaultRecord& fault) {
  return !fault.kills.empty();
}

bool is_named(const ZooFaultRecord& fault) {
  return std::any_of(
      fault.kills.begin(), fault.kills.end(), [](const ZooKill& kill) { return kill.names_class; });
}

const ZooKill* kill_by(const ZooFaultRecord& fault, std::string_view detector) {
  const auto at = std::find_if(fault.kills.begin(), fault.kills.end(), [&](const ZooKill& kill) {
    return kill.detector == detector;
  });
  return at == fault.kills.end() ? nullptr : &*at;
}

std::string survival(const ZooFaultRecord& fault) {
  if (!fault.equivalent.empty() || is_named(fault)) return "";
  std::string detectors;
  for (const ZooKill& kill : fault.kills)
    detectors += (detectors.empty() ? "" : ", ") + kill.detector;
  const std::string seen = is_killed(fault) ? "seen by " + detectors + ", none of which names '" +
                                                  fault.fault_class + "',"
                                            : "not seen";
  return seen + " in " + std::to_string(fault.cases) + " cases" +
         (fault.is_late ? ", when the time was over" : "");
}

ZooTotals totals(const ZooRecord& zoo) {
  ZooTotals out;
  std::set<int> numbers;
  std::set<std::string> alarms;
  for (const ZooDetector& detector : zoo.detectors) {
    if (detector.kind != DetectorKind::comparison) continue;
    out.compared.push_back(
        std::count_if(zoo.faults.begin(), zoo.faults.end(), [&](const ZooFaultRecord& fault) {
          const auto& seen = fault.compared;
          return fault.equivalent.empty() &&
                 std::find(seen.begin(), seen.end(), detector.name) != seen.end();
        }));
  }
  for (const ZooFaultRecord& fault : zoo.faults) {
    if (fault.is_dead) out.dead.push_back(fault.name);
    alarms.insert(fault.alarms.begin(), fault.alarms.end());
    if (!fault.equivalent.empty()) {
      out.equivalents.push_back(fault.name);
      if (is_killed(fault)) out.revealed.push_back(fault.name);
      continue;
    }
    ++out.faults;
    out.killed += is_killed(fault) ? 1 : 0;
    out.named += is_named(fault) ? 1 : 0;
    numbers.insert(fault.facts.begin(), fault.facts.end());
    if (!survival(fault).empty()) out.survivors.push_back(fault.name);
  }
  out.alarms.assign(alarms.begin(), alarms.end());
  out.numbers = static_cast<std::int64_t>(numbers.size());
  return out;
}

}  // namespace attest
