// Handlers of the .approx functions, from what machine/approx.h computes on rows of f32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/approx.h"
#include "harness/ptx/machine/approx_error.h"
#include "harness/ptx/machine/round_half.h"

namespace attest::ptx {

/// f.operator()<mode>() for the mode that the program is decoded for.
template <class F>
Handler choose_approx(const Match& m, const F& f) {
  switch (m.options().approx) {
    case ApproxMode::nearest:
      return f.template operator()<ApproxMode::nearest>();
    case ApproxMode::low:
      return f.template operator()<ApproxMode::low>();
    case ApproxMode::high:
      return f.template operator()<ApproxMode::high>();
    case ApproxMode::random:
      return f.template operator()<ApproxMode::random>();
  }
  return nullptr;
}

template <auto Function, bool kFtz, ApproxMode kMode>
void f32_row(const float* in, float* out) {
  Function(in, out, kFtz, kMode);
}

/// `op.approx{.ftz}.f32 d, a`.
template <auto Function>
Handler approximate_f32(const Match& m, Instr*) {
  return choose_approx(m, [&m]<ApproxMode kMode>() -> Handler {
    return m.has("ftz") ? lift_row<f32_row<Function, true, kMode>, float, float>
                        : lift_row<f32_row<Function, false, kMode>, float, float>;
  });
}

/// In f32 first: the second rounding is far within the documented error of the half types. Row is
/// void(const float*, float*), correctly rounded; Error is of approx_error.h.
template <auto Row, class Half, class Error, ApproxMode kMode>
void half_row(const u32* in, u32* out) {
  alignas(64) float operands[kLanes];
  alignas(64) float values[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    operands[l] = Half::widen(static_cast<u16>(in[l]));
  Row(operands, values);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l) {
    const u16 nearest = narrow<Half, Rounding::rn>(values[l]);
    if constexpr (kMode == ApproxMode::nearest) {
      out[l] = nearest;
    } else {
      out[l] = moved_half<Half, kMode>(nearest,
                                       Error::allowed(operands[l], values[l]),
                                       hash_operand(bits_of(operands[l]), Error::kTag));
    }
  }
}

template <auto Row, class Half, class Error, ApproxMode kMode>
void half2_row(const u32* in, u32* out) {
  alignas(64) u32 high[kLanes];
  alignas(64) u32 low[kLanes];
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    high[l] = in[l] >> 16;
  half_row<Row, Half, Error, kMode>(in, low);
  half_row<Row, Half, Error, kMode>(high, high);
  ATTEST_EACH_LANE
  for (int l = 0; l < kLanes; ++l)
    out[l] = low[l] | high[l] << 16;
}

/// `op.approx.f16 d, a` and .bf16.
template <auto Row, class Half, class Error>
Handler approximate_half(const Match& m, Instr*) {
  return choose_approx(m, []<ApproxMode kMode>() -> Handler {
    return lift_row<half_row<Row, Half, Error, kMode>, u32, u32>;
  });
}
template <auto Row, class Half, class Error>
Handler approximate_half2(const Match& m, Instr*) {
  return choose_approx(m, []<ApproxMode kMode>() -> Handler {
    return lift_row<half2_row<Row, Half, Error, kMode>, u32, u32>;
  });
}

}  // namespace attest::ptx
