// What a kernel declares about its arithmetic, and the error bound needs to know.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"

#include <cstdint>

namespace attest {

/// How dot products are accumulated.
enum class Accumulate : std::uint8_t {
  fma_f32,          // a chain of f32 fused multiply-adds, round to nearest
  tensor_core_f32,  // mma.sync with f32 accumulators; truncating blocks (set by the architecture)
};

struct Arithmetic {
  Accumulate accumulate = Accumulate::fma_f32;
  Dtype probability = Dtype::f32;  // P is rounded to this before P*V
  bool sum_of_rounded_p = false;   // the row sum l adds the rounded P
  std::int64_t kv_tile = 64;       // keys per online-softmax step
  /// Error of exp(x) as the kernel computes it, in f32 ulp from the correctly rounded value of its
  /// argument; the manual states 2 for ex2.approx.
  int exp_ulps = 4;
};

}  // namespace attest
