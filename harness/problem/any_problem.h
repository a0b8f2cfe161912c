// AnyProblem: whatever a case may ask, attention, an operation of the layer or the whole layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/layer.h"
#include "harness/problem/operation.h"
#include "harness/problem/problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace attest {

using AnyProblem = std::variant<Problem, Gemm, MaskSoftmax, BiasSplit, Elementwise, LayerProblem>;

[[nodiscard]] std::string to_string(const AnyProblem& problem);
/// Inverse of to_string; the word before the bracket says which case it is.
/// Errors  as the parser of that case.
Result<AnyProblem> parse_any(std::string_view text);
Status validate(const AnyProblem& problem);
[[nodiscard]] std::uint64_t seed(const AnyProblem& problem);
[[nodiscard]] Dtype dtype(const AnyProblem& problem);

/// The operation that it is; nothing for attention and the layer.
[[nodiscard]] std::optional<Operation> as_operation(const AnyProblem& problem);
[[nodiscard]] AnyProblem as_any(const Operation& operation);

}  // namespace attest
