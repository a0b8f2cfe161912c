// What the values of operations and layers may be, and the first one that is not allowed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/layer.h"
#include "harness/problem/operation.h"
#include "harness/problem/problem_limits.h"

#include <optional>
#include <span>

namespace attest {

/// The first value that is not allowed, in the order of the keys.
[[nodiscard]] std::optional<Violation> find_violation(const Gemm& gemm);
[[nodiscard]] std::optional<Violation> find_violation(const MaskSoftmax& softmax);
[[nodiscard]] std::optional<Violation> find_violation(const BiasSplit& bias_split);
[[nodiscard]] std::optional<Violation> find_violation(const Elementwise& elementwise);
[[nodiscard]] std::optional<Violation> find_violation(const LayerProblem& layer);

/// The kinds of data that each draws; the first is the default.
[[nodiscard]] std::span<const DataKind> data_kinds(const Gemm& gemm);
[[nodiscard]] std::span<const DataKind> data_kinds(const MaskSoftmax& softmax);
[[nodiscard]] std::span<const DataKind> data_kinds(const BiasSplit& bias_split);
[[nodiscard]] std::span<const DataKind> data_kinds(const Elementwise& elementwise);
[[nodiscard]] std::span<const DataKind> data_kinds(const LayerProblem& layer);

}  // namespace attest
