// Killing cases: one stored case for each fault, on which a detector sees it and says what it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "properties/zoo/matrix.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct KillingCase {
  std::string fault;
  std::string detector;  // that sees it; none of a fault that no output shows
  Case which;            // of the faulty kernel
};

/// One JSON object a line, sorted by fault.
[[nodiscard]] std::string to_lines(const std::vector<KillingCase>& cases);
/// Inverse of to_lines(). Errors  Code::bad_input with `name` and the line.
Result<std::vector<KillingCase>> parse_killing_cases(std::string_view text,
                                                     const std::string& name);
/// Those of properties/zoo/killing_cases.ndjson.
[[nodiscard]] const std::vector<KillingCase>& stored_killing_cases();

/// Of a kill whose detector names the class, or the example, shrunk while it sees the same, or until
/// `is_late`; of an equivalent, its example. Nothing where no such kill repeats.
[[nodiscard]] std::optional<KillingCase> killing_case_of(const ZooFault& fault,
                                                         const Examination& examination,
                                                         Executor& executor,
                                                         const std::function<bool()>& is_late);

/// The fault on this case alone: killed where the stored detector sees it and names its class. The
/// correct kernel on the same case has to agree, else it is a false alarm.
[[nodiscard]] ZooFaultRecord try_killing_case(const ZooFault& fault,
                                              const KillingCase* stored,
                                              Executor& executor);

}  // namespace attest
