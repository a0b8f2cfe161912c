// The .approx functions of PTX on 32 lanes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/approx_mode.h"

namespace attest::ptx {

/// 32-lane forms of the .approx functions, correctly rounded (to nearest even) in f32, or moved
/// from there within the documented error as `mode` says (approx_error.h); specials as PTX states; results that are NaN are the canonical 0x7fffffff. `ftz` flushes subnormal
/// inputs and results to a zero of their sign. No libm; the same bits on every machine, given the
/// default MXCSR. `in` and `out` may alias.
/// Accuracy  each f32 was once tried, and none is misrounded; approx_test.cpp has the closest ones.
///           The double that is rounded is off by less than 2^-52 of the value (tanh 2^-51).
/// Source    PTX ISA 9.0, 9.7.3 (ex2, lg2, rcp, rsqrt, sqrt, tanh), their tables of specials.
void ex2_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void lg2_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void rcp_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void rsqrt_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void sqrt_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void tanh_32(const float* in, float* out, ApproxMode mode = ApproxMode::nearest);
/// Before the rounding off by less than 2^-50 of the value at any angle; not every f32 was tried.
void sin_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);
void cos_32(const float* in, float* out, bool ftz, ApproxMode mode = ApproxMode::nearest);

}  // namespace attest::ptx
