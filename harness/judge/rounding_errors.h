// The size of a kernel's rounding errors as random numbers: what makes the probabilistic tier.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/arithmetic.h"
#include "harness/problem/operation.h"
#include "harness/problem/problem.h"
#include "harness/problem/rounding_model.h"

#include <string_view>

namespace attest {

/// lambda^2 times the second moment of an error of at most `error`, for lambda = 7.
[[nodiscard]] double likely_square(double error);

/// Derivation in rounding_errors.cpp, with lambda = 7.
[[nodiscard]] RoundingModel rounding_errors(const Operation& operation,
                                            const Arithmetic& arithmetic,
                                            std::string_view arch);
[[nodiscard]] RoundingModel rounding_errors(const Problem& problem,
                                            const Arithmetic& arithmetic,
                                            std::string_view arch);

}  // namespace attest
