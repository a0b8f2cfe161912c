// Detectors: what may see a fault, and what a judged case says in their names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/record/record.h"
#include "harness/record/zoo_record.h"
#include "properties/property.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

/// Tiers of the judge, properties that a kernel alone can break, and kinds of findings of the ptx
/// executor, each in its order.
[[nodiscard]] std::vector<ZooDetector> judging_detectors();

/// What a finding of this kind says is wrong; nothing of an end without a place, such as a crash.
[[nodiscard]] std::optional<FaultClass> class_of(FindingKind kind);

/// The tier that a disagreement of a property is of: "exact" for answers that must be as they are,
/// "metamorphic" for two answers of one subject, "worst case" for the bound, else the tier's own name.
[[nodiscard]] std::string tier_of(const Property& property, const DivergenceRecord& divergence);

/// A detector that saw something, and what it says that is.
struct Sighting {
  std::string detector;
  DetectorKind kind = DetectorKind::property;
  std::vector<FaultClass> classes;
};
/// Of a failure: a finding is seen by its check; a disagreement by the property and by its tier.
[[nodiscard]] std::vector<Sighting> sightings(const Property& property, const CaseResult& result);

}  // namespace attest
