// Axes of a Problem: the values that a run has to meet, each with its test and its force.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "kernels/kernel_spec.h"

#include <functional>
#include <string>
#include <vector>

namespace attest {

struct AxisValue {
  std::string axis;   // "mask"
  std::string value;  // "causal-br"
  std::function<bool(const Problem&)> holds;
  /// Makes it hold; other axes move only as far as validity needs.
  std::function<void(Problem&)> force;
};

/// Every value of every axis that the kernel takes, found by asking its refusal about a plain
/// problem with that one value; dtype apart, which the plan takes in turn.
[[nodiscard]] std::vector<AxisValue> axis_values(const KernelSpec& kernel, Dtype dtype);

/// A problem of one tile that every kernel should take.
[[nodiscard]] Problem plain_problem(const KernelSpec& kernel, Dtype dtype);

/// Brings padding lengths into the range and number that batch and seq_kv allow: the last length is
/// repeated, longer ones are cut.
void fit_lengths(Problem& problem);

}  // namespace attest
