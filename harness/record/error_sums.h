// ErrorSums: what the errors of one case add up to, of which a run's figures are made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attest {

/// Errors of O of one case, held against the reference: sums over its elements, row by row.
struct ErrorSums {
  std::int64_t elements = 0;
  double ratio_squares = 0;  // of error / bound, squared
  double ratio_signed = 0;   // of error / bound, positive away from 0
  double bound_squares = 0;
  double value_squares = 0;  // of the reference's o
  double value_max = 0;      // largest |o|
  double error_max = 0;      // largest |error|
  double unfused_max = 0;    // the same of attention step by step in the kernel's dtype
  friend bool operator==(const ErrorSums&, const ErrorSums&) = default;
};

}  // namespace attest
