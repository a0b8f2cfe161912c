// Operations of lowered graphs: what a node type computes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/oracle/cudnn/evaluate.h"
#include "reference/oracle/cudnn/graph.h"

#include <string_view>
#include <vector>

namespace attest {

struct LoweredCall {
  const LoweredNode& node;
  const LoweredShape& output;  // as the plan says
  std::vector<const LoweredValue*> inputs;
};

struct LoweredOperation {
  std::string_view type;   // as LoweredNode::type
  std::size_t inputs = 0;  // how many
  /// Errors  Code::bad_input for shapes that do not fit.
  Result<LoweredValue> (*run)(const LoweredCall& call) = nullptr;
};

/// Errors  Code::unsupported, the node's type alone, where the table has none; Code::bad_input for
///         another number of inputs.
Result<const LoweredOperation*> find_operation(const LoweredNode& node);

}  // namespace attest
