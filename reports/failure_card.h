// The failure card: everything known about one failing case, as lines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>
#include <vector>

namespace attest {

/// Verdict and id, case, mode, the worst element with both bit patterns, how many and where, the
/// bound with its terms, the findings, the launches, and the line that repeats it.
[[nodiscard]] std::vector<std::string> card(const CaseResult& result);
/// With what probes say of it.
[[nodiscard]] std::vector<std::string> card(const CaseResult& result, const Diagnosis& diagnosis);
/// The same of the shrunk case, with what it was found as and what shrinking cost.
[[nodiscard]] std::vector<std::string> card(const FailureRecord& failure);

/// One line: "disagree: o beyond the bound, 64 of 12352 elements" or "fault: shared_race in ...".
[[nodiscard]] std::string one_line(const CaseResult& result);

}  // namespace attest
