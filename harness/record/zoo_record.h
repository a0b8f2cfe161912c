// The record of a zoo: which detector saw which fault, as plain data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

enum class DetectorKind : std::uint8_t {
  tier,        // of the judge
  property,    // a disagreement in it
  check,       // a finding of the executor
  comparison,  // another test of the same kernel, for comparison
};
inline constexpr std::array kDetectorKinds = {
    DetectorKind::tier, DetectorKind::property, DetectorKind::check, DetectorKind::comparison};
/// "tier", ...
[[nodiscard]] std::string_view name(DetectorKind kind);

struct ZooDetector {
  std::string name;  // "worst case", "linear_in_v", "shared_race"
  DetectorKind kind = DetectorKind::property;
};

/// The first case in which a detector saw a fault.
struct ZooKill {
  std::string detector;
  bool names_class = false;  // and said what kind of fault it is
  std::int64_t cases = 0;    // judged until then, this one counted
  std::string tier;          // of a disagreement: "bound"
  std::string replay;        // the line that repeats it
};

struct ZooFaultRecord {
  std::string name;        // "no_rescale"
  std::string kernel;      // that was patched
  std::string models;      // the bug, as it shipped
  std::vector<int> facts;  // its numbers in the collection of bugs
  std::string fault_class;
  std::string equivalent;             // why no output can show it; empty: one can
  bool is_dead = false;               // its instructions are those of the correct kernel
  bool is_late = false;               // the time was over before the cases were
  std::int64_t cases = 0;             // judged
  std::vector<ZooKill> kills;         // in the order of the detectors
  std::vector<std::string> deaf;      // detectors that say nothing about this kernel
  std::vector<std::string> compared;  // comparisons that saw it
  std::vector<std::string> alarms;    // cases in which the correct kernel fails as well
};

struct ZooRecord {
  std::uint64_t seed = 0;
  std::int64_t cases = 0;  // at most, of each fault
  std::vector<ZooDetector> detectors;
  std::vector<ZooFaultRecord> faults;  // sorted by name
  // What may differ between two runs:
  double seconds_per_fault = 0;  // at most
  double wall_seconds = 0;
  int jobs = 1;
};

[[nodiscard]] bool is_killed(const ZooFaultRecord& fault);
/// By a detector that names its class.
[[nodiscard]] bool is_named(const ZooFaultRecord& fault);
[[nodiscard]] const ZooKill* kill_by(const ZooFaultRecord& fault, std::string_view detector);
/// Why it is a survivor: neither equivalent nor killed by a detector that names its class; empty if
/// it is none.
[[nodiscard]] std::string survival(const ZooFaultRecord& fault);

struct ZooTotals {
  std::int64_t faults = 0;  // that are not equivalent
  std::int64_t killed = 0;
  std::int64_t named = 0;  // of them, by a detector that names the class
  std::int64_t numbers =
      0;  // different ones of the collection of bugs, of faults that are not equivalent
  std::vector<std::int64_t> compared;  // killed by each comparison, in the order of the detectors
  std::vector<std::string> survivors;
  std::vector<std::string> equivalents;
  std::vector<std::string> dead;
  std::vector<std::string> revealed;  // equivalents that were killed
  std::vector<std::string> alarms;    // cases in which a correct kernel fails, once each
  [[nodiscard]] bool holds() const {
    return faults > 0 && survivors.empty() && dead.empty() && revealed.empty() && alarms.empty();
  }
};
[[nodiscard]] ZooTotals totals(const ZooRecord& zoo);

/// One fault a line. Everything that may differ between two runs is under `env`.
[[nodiscard]] std::string to_zoo_json(const ZooRecord& zoo);
/// Inverse of to_zoo_json; sums are recomputed, unknown fields ignored. `name` is for errors.
/// Errors  Code::bad_input for text that is not JSON or lacks a field, Code::unsupported for a
///         newer schema.
Result<ZooRecord> parse_zoo_json(std::string_view text, const std::string& name);

}  // namespace attest
