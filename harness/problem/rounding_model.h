// RoundingModel: a kernel's rounding errors as independent random numbers of known size.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attest {

/// A sum S of products t_k in some order: error^2 is of_sum S^2 + of_squares sum t_k^2.
struct DotErrors {
  double of_sum = 0;
  double of_squares = 0;
};

/// Squares of what an error stays below in all likelihood: lambda^2 times its variance.
struct RoundingModel {
  DotErrors inner{};            // of a gemm; of q k^T
  DotErrors outer{};            // of P v
  double step = 0;              // one rounding to f32, relative
  double exponential = 0;       // exp, relative
  double row_sum = 0;           // l and the division by it, relative
  double probability = 0;       // P within attention, relative
  double probability_tiny = 0;  // absolute, where the largest weight of the row is 1
  double output = 0;            // to the output's dtype, relative
  double output_tiny = 0;       // absolute
};

}  // namespace attest
