// The judge of operations and of whole chains: counts, classes, exact elements, error over bound.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/judge.h"
#include "harness/problem/operation_data.h"
#include "harness/problem/operation_terms.h"

#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// As judge(): element count, classes position by position, elements that must be exact (filled,
/// copied, one f32 rounding), then `!(error <= bound)`. Tensors are "c", "c1", "c2"; ratio_o is the
/// largest error / bound of them all. With radii in the terms, what they move the result by is
/// allowed on top.
[[nodiscard]] Judgement judge_operation(const Operation& operation,
                                        const OperationOutputs& outputs,
                                        const OperationTerms& terms,
                                        const Arithmetic& arithmetic,
                                        std::string_view arch);

/// Every bit the same.
[[nodiscard]] Judgement judge_operation_bitwise(const Operation& operation,
                                                const OperationOutputs& a,
                                                const OperationOutputs& b);

/// How far each element of a right result may lie from terms.value, the radius included: the radius
/// of the next operation's input. Packed as the terms; Inf where it may overflow.
[[nodiscard]] std::vector<double> allowed_errors(const Operation& operation,
                                                 const OperationTerms& terms,
                                                 const Arithmetic& arithmetic,
                                                 std::string_view arch);
/// The same for O of attention; `radius` as attention_balls() gives it, may be empty.
[[nodiscard]] std::vector<double> allowed_errors(const Problem& problem,
                                                 const ReferenceTerms& terms,
                                                 const std::vector<double>& radius,
                                                 const Arithmetic& arithmetic,
                                                 std::string_view arch);

/// A tensor of a chain against its value and the error allowed, both packed: the whole layer.
[[nodiscard]] Judgement judge_within(const std::string& tensor,
                                     const HostTensor& got,
                                     const std::vector<double>& value,
                                     const std::vector<double>& allowed);

}  // namespace attest
