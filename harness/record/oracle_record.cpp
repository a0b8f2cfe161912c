// Counts of an oracle's keys.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/oracle_record.h"

#include <algorithm>

namespace attest {

void add_reason(std::vector<CountedReason>& reasons, const std::string& reason) {
  const auto at = std::find_if(reasons.begin(), reasons.end(), [&](const CountedReason& counted) {
    return counted.reason == reason;
  });
  if (at == reasons.end()) {
    reasons.push_back({reason, 1});
  } else {
    ++at->keys;
  }
}

OracleCounts count(const OracleRecord& oracle) {
  OracleCounts counts;
  for (const PlannedKey& key : oracle.keys) {
    const bool is_executed = key.tier == "executed";
    const bool agrees = key.opinion == kOpinionAgrees;
    ++(is_executed ? counts.executed : counts.planned);
    if (agrees) ++(is_executed ? counts.executed_agree : counts.graphs_agree);
    if (key.opinion == kOpinionDisagrees) ++counts.disagree;
    if (!agrees && key.opinion != kOpinionDisagrees) add_reason(counts.not_evaluated, key.opinion);
  }
  for (const CountedReason& refusal : oracle.refusals)
    counts.refused += refusal.keys;
  for (const CountedReason& death : oracle.deaths)
    counts.died += death.keys;
  return counts;
}

}  // namespace attest
