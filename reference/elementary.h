// exp, log and tanh in double, from arithmetic alone, so that every machine computes the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace attest {

/// e^x. Within kExpUlps of the exact value, subnormal results included; exact at 0, -Inf and NaN as
/// usual, +Inf on overflow.
[[nodiscard]] double natural_exp(double x);
/// out[i] = natural_exp(x[i]); the same bits as one at a time. `x` and `out` may be the same array.
void natural_exp(const double* x, double* out, std::size_t count);

/// ln x for normal x > 0, within kLogUlps. Errors: NaN for anything else.
[[nodiscard]] double natural_log(double x);

/// tanh x. Within kTanhUlps, subnormal arguments included; exact at 0, +-Inf and NaN as usual.
[[nodiscard]] double hyperbolic_tangent(double x);

/// Errors in units in the last place of the exact result; derived beside the code.
inline constexpr double kExpUlps = 1.0;
inline constexpr double kLogUlps = 1.0;
inline constexpr double kTanhUlps = 5.0;

}  // namespace attest
