// A comparison for programs: attest compare --json.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reports/compare.h"

#include <string>
#include <vector>

namespace attest {

/// A --fail-on and whether it holds.
struct GateOutcome {
  std::string gate;  // as typed: "launches>0"
  std::string line;  // which kernel, before and after; empty where it does not hold
};

/// Version 1: kernels with the figures of both sides, failures that are new or gone, gates. Numbers
/// that JSON has not are strings, as in run.json.
[[nodiscard]] std::string to_comparison_json(const Comparison& comparison,
                                             const std::vector<GateOutcome>& gates);

}  // namespace attest
