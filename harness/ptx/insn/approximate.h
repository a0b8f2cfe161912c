// Handlers of the .approx functions, from what machine/approx.h computes on rows of f32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/approx.h"
#include "harness/ptx/machine/round_half.h"

namespace attest::ptx {

template <auto Function, bool kFtz>
void f32_row(const float* in, float* out) {
  Function(in, out, kFtz);
}

/// `op.approx{.ftz}.f32 d, a`.
template <auto Function>
Handler approximate_f32(const Match& m, Instr*) {
  return m.has("ftz") ? lift_row<f32_row<Function, true>, float, float>
                      : lift_row<f32_row<Function, false>, float, float>;
}

/// In f32 first: the second rounding is far within the documented error of the half types.
template <auto Row, class Half>
void half_row(const u32* in, u32* out) {
  alignas(64) float values[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    values[l] = Half::widen(static_cast<u16>(in[l]));
  Row(values, values);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    out[l] = narrow<Half, Rounding::rn>(values[l]);
}

template <auto Row, class Half>
void half2_row(const u32* in, u32* out) {
  alignas(64) u32 high[kLanes];
  alignas(64) u32 low[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    high[l] = in[l] >> 16;
  half_row<Row, Half>(in, low);
  half_row<Row, Half>(high, high);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    out[l] = low[l] | high[l] << 16;
}

/// `op.approx.f16 d, a` and .bf16; Row is void(const float*, float*).
template <auto Row, class Half>
inline constexpr Build kApproximateHalf = always<lift_row<half_row<Row, Half>, u32, u32>>;
template <auto Row, class Half>
inline constexpr Build kApproximateHalf2 = always<lift_row<half2_row<Row, Half>, u32, u32>>;

}  // namespace attest::ptx
