// Figures: how near a kernel's errors come to their bounds, over all cases of a run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// Where attention step by step is itself off by more than this part of the largest |o|, that says
/// nothing: inconclusive.
inline constexpr double kInconclusive = 0.1;

/// Attention step by step that is right by chance counts as off by one rounding of the largest |o|.
/// Of one kernel and dtype, over its cases that agree and were held against the reference, in draw
/// order; O alone but for `likely_max`.
struct Figures {
  std::string kernel;
  Dtype dtype = Dtype::f32;
  std::int64_t cases = 0;
  std::int64_t elements = 0;
  double ratio_max = 0;          // error / bound
  double ratio_rms = 0;          // root of the mean square
  double bias = 0;               // mean of error / bound, positive away from 0
  double bound_over_o = 0;       // root mean squares; a bound far above 0.1 of |o| says little
  double likely_max = 0;         // error / likely bound of O and LSE; 0: never asked
  double unfused_max = 0;        // largest error / largest error of attention step by step
  std::int64_t conclusive = 0;   // cases in which that says something
  std::int64_t above_twice = 0;  // of them: above 2, which FlashAttention's tests do not allow
  std::int64_t inconclusive = 0;
};

/// Sorted by kernel and dtype. The same bits for the same cases, whatever -j, shards and merge.
[[nodiscard]] std::vector<Figures> figures(const RunRecord& run);

}  // namespace attest
