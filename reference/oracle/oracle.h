// Oracle: a second opinion on one attention, in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/problem.h"

#include <optional>
#include <string>
#include <vector>

namespace attest {

struct Opinion {
  std::string tier;         // "reference"; of cudnn "planned" or "executed"
  std::vector<double> o;    // packed [batch, heads_q, seq_q, head_dim_v]
  std::vector<double> lse;  // packed [batch, heads_q, seq_q], nats
};

struct Oracle {
  std::string name;
  std::string sentence;  // one line
  bool (*is_built)();
  /// Why it has no opinion on this problem; nothing where it has one.
  std::optional<std::string> (*refusal)(const Problem& problem);
  /// Errors  Code::unsupported with a reason, also where it is not built.
  Result<Opinion> (*run)(const Problem& problem);
};

/// Sorted by name.
[[nodiscard]] const std::vector<Oracle>& all_oracles();

}  // namespace attest
