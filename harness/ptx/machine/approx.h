// The .approx functions of PTX on 32 lanes, correctly rounded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attest::ptx {

/// 32-lane forms of the .approx functions, correctly rounded (to nearest even) in f32; specials as
/// PTX states; results that are NaN are the canonical 0x7fffffff. `ftz` flushes subnormal inputs
/// and results to a zero of their sign. No libm; the same bits on every machine, from the default
/// MXCSR. `in` and `out` may alias. Accuracy  each f32 was once tried: none is misrounded. The
/// doubles before the rounding are off by
///           less than 2^-52.7 (ex2), 2^-53 (rcp, sqrt), 2^-52 (rsqrt), 2^-51 (tanh) of the value;
///           lg2 by 2^-58 (|result| + 1/8), rounded to odd. The closest inputs are in
///           approx_test.cpp.
/// Source    PTX ISA 9.0, 9.7.3 (ex2, lg2, rcp, rsqrt, sqrt, tanh), their tables of specials.
void ex2_32(const float* in, float* out, bool ftz);
void lg2_32(const float* in, float* out, bool ftz);
void rcp_32(const float* in, float* out, bool ftz);
void rsqrt_32(const float* in, float* out, bool ftz);
void sqrt_32(const float* in, float* out, bool ftz);
void tanh_32(const float* in, float* out);

}  // namespace attest::ptx
