// Totals: the sums of a run that run.json publishes and every report shows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace attest {

/// Cases per verdict, indexed by the verdict's value.
struct VerdictCounts {
  std::array<std::int64_t, kVerdicts.size()> by_verdict{};

  [[nodiscard]] std::int64_t operator[](Verdict verdict) const {
    return by_verdict[static_cast<std::size_t>(verdict)];
  }
  std::int64_t& operator[](Verdict verdict) {
    return by_verdict[static_cast<std::size_t>(verdict)];
  }
  [[nodiscard]] std::int64_t judged() const;
  friend bool operator==(const VerdictCounts&, const VerdictCounts&) = default;
};

/// The largest error / bound over judged cases, and the case that has it. NaN is larger than any.
struct Largest {
  double ratio = 0;
  std::string id;  // of the first case that reaches it; empty while the ratio is 0
  void take(double candidate, const Case& which);
};

/// One kernel, property and dtype.
struct Cell {
  std::string kernel;
  std::string property;
  Dtype dtype = Dtype::f32;
  VerdictCounts counts;
  std::int64_t launches = 0;
  Largest o;
  Largest lse;
};

struct DtypeLargest {
  Dtype dtype = Dtype::f32;
  Largest o;
  Largest lse;
};

/// Cases that were not judged, by verdict, kernel and reason.
struct Skip {
  Verdict verdict = Verdict::refused;
  std::string kernel;
  std::string reason;
  std::int64_t cases = 0;
};

struct Totals {
  VerdictCounts counts;
  std::int64_t launches = 0;
  std::vector<Cell> cells;            // sorted by kernel, property, dtype
  std::vector<DtypeLargest> largest;  // dtypes with a judged case, in the order of kDtypes
  std::vector<Skip> skips;            // sorted by verdict, kernel, reason
};

[[nodiscard]] Totals tally(const RunRecord& run);

}  // namespace attest
