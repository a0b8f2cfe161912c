// Gate: a condition on what has changed, such as launches>0, and what it says when it holds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reports/compare.h"

#include <optional>
#include <string>

namespace attest {

struct Gate {
  std::string text;  // as written
  Metric metric = Metric::falsified;
  bool is_percent = false;  // of the value before
  double limit = 0;
};

/// METRIC>LIMIT: "falsified>0", "launches>0", "bytes>1%", "ratio>+0.1". The limit is of a kernel's
/// rise, in the metric's unit or in percent of the value before.
/// Errors  Code::bad_input naming the text and what is allowed.
Result<Gate> parse_gate(const std::string& text);

/// One line that names the kernel that exceeds the limit most, with both figures; nothing when no
/// kernel does.
[[nodiscard]] std::optional<std::string> exceeded(const Gate& gate, const Comparison& comparison);

}  // namespace attest
