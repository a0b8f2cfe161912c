// Scalar float semantics that x86 does not have: correctly rounded approximations, NaN, min/max,
// cvt. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace attest::ptx {

/// 32-lane forms of the .approx functions, correctly rounded (to nearest even) in f32; specials as
/// PTX states; results that are NaN are the canonical 0x7fffffff. `ftz` flushes subnormal inputs
/// and results to a zero of their sign. No libm; the same bits on every machine. `in` and `out` may
/// alias. Source  PTX ISA 9.0, 9.7.3 (ex2, lg2, rcp, rsqrt, sqrt, sin, cos, tanh).
void ex2_32(const float* in, float* out, bool ftz);
void lg2_32(const float* in, float* out, bool ftz);
void rcp_32(const float* in, float* out, bool ftz);
void rsqrt_32(const float* in, float* out, bool ftz);
void sqrt_32(const float* in, float* out, bool ftz);
void tanh_32(const float* in, float* out);

}  // namespace attest::ptx
