// From verdicts, findings and divergences to the detectors that speak by them.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/detectors.h"

#include "harness/base/check.h"
#include "harness/base/finding_kinds.h"
#include "harness/judge/judge.h"
#include "properties/search.h"

#include <algorithm>
#include <array>

namespace attest {
namespace {

constexpr std::string_view kExact = "exact";
constexpr std::string_view kMetamorphic = "metamorphic";
constexpr std::string_view kProbabilistic = "probabilistic";
constexpr std::string_view kWorstCase = "worst case";

/// "attn" of "attn(sq=1)".
std::string word_of(const AnyProblem& problem) {
  const std::string text = to_string(problem);
  return text.substr(0, text.find('('));
}

bool matches(const Suspicion& suspicion, const DivergenceRecord& divergence, const Case& which) {
  const auto holds = [](const std::string& wanted, const std::string& found) {
    return wanted.empty() || wanted == found;
  };
  return holds(suspicion.tier, divergence.tier) && holds(suspicion.tensor, divergence.tensor) &&
         holds(suspicion.problem, word_of(which.problem));
}

}  // namespace

std::vector<ZooDetector> judging_detectors() {
  std::vector<ZooDetector> out;
  for (const std::string_view tier : {kExact, kMetamorphic, kProbabilistic, kWorstCase})
    out.push_back({std::string(tier), DetectorKind::tier});
  for (const Property& property : all_properties()) {
    if (!property.compares_devices) out.push_back({property.name, DetectorKind::property});
  }
  for (const FindingKind kind : kFindingKinds) {
    if (!is_of_worker(kind)) out.push_back({std::string(name(kind)), DetectorKind::check});
  }
  return out;
}

std::optional<FaultClass> class_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::out_of_bounds:
    case FindingKind::misaligned:
    case FindingKind::guard_band:
    case FindingKind::memory_limit:
      return FaultClass::memory;
    case FindingKind::uninitialised_read:
    case FindingKind::undefined_register:
      return FaultClass::initialisation;
    case FindingKind::shared_race:
    case FindingKind::global_race:
    case FindingKind::nc_write:
    case FindingKind::async_copy_unwaited:
      return FaultClass::race;
    case FindingKind::barrier_divergence:
    case FindingKind::mbarrier_misuse:
    case FindingKind::no_progress:
    case FindingKind::timeout:
      return FaultClass::synchronisation;
    case FindingKind::invalid_launch:
    case FindingKind::trap:
    case FindingKind::assertion:
    case FindingKind::crash:
      return std::nullopt;
  }
  fail_check("kind of finding has a class", __FILE__, __LINE__);
}

std::string tier_of(const Property& property, const DivergenceRecord& divergence) {
  if (property.yardstick == Yardstick::itself) return std::string(kMetamorphic);
  const std::string& tier = divergence.tier;
  if (tier == name(Tier::exact)) return std::string(kExact);
  const bool is_of_bound =
      tier == name(Tier::count) || tier == name(Tier::classes) || tier == name(Tier::bound);
  return is_of_bound ? std::string(kWorstCase) : tier;
}

std::vector<Sighting> sightings(const Property& property, const CaseResult& result) {
  std::vector<Sighting> out;
  if (!is_failure(result)) return out;
  if (!result.findings.empty()) {
    const FindingKind kind = result.findings.front().kind;
    out.push_back({std::string(name(kind)), DetectorKind::check, {}});
    if (const auto fault_class = class_of(kind)) out.back().classes.push_back(*fault_class);
    return out;
  }
  out.push_back({property.name, DetectorKind::property, {}});
  if (!result.divergence) return out;
  for (const Suspicion& suspicion : property.suspicions) {
    if (matches(suspicion, *result.divergence, result.which))
      out.back().classes.push_back(suspicion.fault_class);
  }
  out.push_back({tier_of(property, *result.divergence), DetectorKind::tier, {}});
  return out;
}

}  // namespace attest
