// The parts of cvt: between integers, between integers and floating point, between floating types.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/arithmetic.h"

#include <type_traits>

namespace attest::ptx {

/// A list of types that forms select from by index.
template <class... T>
struct Types {};

/// f.operator()<T>() of the type at `index`.
template <class... T, class F>
Handler choose_type(Types<T...>, int index, const F& f) {
  Handler chosen = nullptr;
  int n = 0;
  ((n++ == index ? void(chosen = f.template operator()<T>()) : void()), ...);
  return chosen;
}

/// What a register receives: results narrower than 32 bits are extended by their own sign, since
/// the register may be wider than the type.
template <class D>
using Extended =
    std::conditional_t<(sizeof(D) < 4), std::conditional_t<std::is_signed_v<D>, s32, u32>, D>;

// Lists of types, in the order in which the forms' groups name them.
using NarrowIntegers = Types<u8, s8, u16, s16, u32, s32>;
using WideIntegers = Types<u64, s64>;

/// `cvt{.sat}.D.S`: group 0 is .sat, 1 the destination's type, 2 the source's.
Handler cvt_narrow_narrow(const Match& m, Instr* out);
Handler cvt_narrow_wide(const Match& m, Instr* out);
Handler cvt_wide_narrow(const Match& m, Instr* out);
Handler cvt_wide_wide(const Match& m, Instr* out);

/// `cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}.D.S`: group 3 is an integer type. `half` and f32 sources are
/// narrow registers, f64 is wide.
Handler cvt_narrow_f16(const Match& m, Instr* out);
Handler cvt_narrow_bf16(const Match& m, Instr* out);
Handler cvt_narrow_f32(const Match& m, Instr* out);
Handler cvt_narrow_f64(const Match& m, Instr* out);
Handler cvt_wide_f16(const Match& m, Instr* out);
Handler cvt_wide_bf16(const Match& m, Instr* out);
Handler cvt_wide_f32(const Match& m, Instr* out);
Handler cvt_wide_f64(const Match& m, Instr* out);

/// `cvt.(rn|rz|rm|rp){.sat}.D.S`: group 2 is an integer type; without {.sat} for f64, group 1.
Handler cvt_f16_narrow(const Match& m, Instr* out);
Handler cvt_f16_wide(const Match& m, Instr* out);
Handler cvt_bf16_narrow(const Match& m, Instr* out);
Handler cvt_bf16_wide(const Match& m, Instr* out);
Handler cvt_f32_narrow(const Match& m, Instr* out);
Handler cvt_f32_wide(const Match& m, Instr* out);
Handler cvt_f64_narrow(const Match& m, Instr* out);
Handler cvt_f64_wide(const Match& m, Instr* out);

/// Between equal floating types; group 0 is the rounding to an integral value, and may be absent.
Handler cvt_f16_f16(const Match& m, Instr* out);
Handler cvt_bf16_bf16(const Match& m, Instr* out);
Handler cvt_f32_f32(const Match& m, Instr* out);
Handler cvt_f64_f64(const Match& m, Instr* out);
/// To a wider type: exact.
Handler cvt_f32_f16(const Match& m, Instr* out);
Handler cvt_f32_bf16(const Match& m, Instr* out);
Handler cvt_f64_f16(const Match& m, Instr* out);
Handler cvt_f64_bf16(const Match& m, Instr* out);
Handler cvt_f64_f32(const Match& m, Instr* out);
/// To a narrower type; group 0 is the rounding.
Handler cvt_f32_f64(const Match& m, Instr* out);
Handler cvt_f16_f64(const Match& m, Instr* out);
Handler cvt_bf16_f64(const Match& m, Instr* out);
Handler cvt_f16_f32(const Match& m, Instr* out);
Handler cvt_bf16_f32(const Match& m, Instr* out);
Handler cvt_f16_bf16(const Match& m, Instr* out);
Handler cvt_bf16_f16(const Match& m, Instr* out);
/// d = {upper: a, lower: b}.
Handler cvt_f16x2_f32(const Match& m, Instr* out);
Handler cvt_bf16x2_f32(const Match& m, Instr* out);
/// Group 0 is rna, rn or rz.
Handler cvt_tf32_f32(const Match& m, Instr* out);

/// e4m3x2, e5m2x2, e2m3x2 and e3m2x2: group 1 is the format, in a 16-bit register, upper byte first.
Handler cvt_small_f32(const Match& m, Instr* out);
Handler cvt_small_halves(const Match& m, Instr* out);
Handler cvt_f16x2_small(const Match& m, Instr* out);
/// cvt.pack: group 0 is the type that a and b are saturated to.
Handler cvt_pack_16(const Match& m, Instr* out);
Handler cvt_pack_small(const Match& m, Instr* out);

/// Rows of expected results.
std::vector<Example> cvt_integer_examples();
std::vector<Example> cvt_float_examples();
std::vector<Example> cvt_small_examples();

}  // namespace attest::ptx
