// Evaluates a lowered graph with every tensor in double.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "reference/oracle/cudnn/graph.h"

#include <Eigen/Core>

#include <cstdint>
#include <map>
#include <vector>

namespace attest {

/// An axis of size 1 is repeated where another operand is longer.
struct LoweredValue {
  LoweredShape shape{1, 1, 1, 1};
  Eigen::ArrayXd values;  // row-major; booleans 0 or 1, integers exact
};

inline constexpr std::int64_t kMaxLoweredElements = std::int64_t{1} << 26;  // of all live values

/// The values of the tensors that no node reads, and of those in `wanted`, which others may read too.
/// Masked values are -inf as cuDNN has it, so a row
/// without a visible key is NaN.
/// Errors  Code::unsupported naming the type of a node that is not in the table ("POINTWISE ERF");
///         Code::bad_input for an input that is missing or has another shape; Code::limit past
///         kMaxLoweredElements.
Result<std::map<std::int64_t, LoweredValue>> evaluate_lowered(
    const LoweredGraph& graph,
    std::map<std::int64_t, LoweredValue> inputs,
    const std::vector<std::int64_t>& wanted = {});

}  // namespace attest
