// abs: PTX ISA 9.0, 9.7.1.10 (integer), 9.7.3.9 (f32, f64), 9.7.4.6 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"

namespace attest::ptx {
namespace {

template <class T>
T size_of_integer(T a) {
  constexpr int kSign = 8 * sizeof(T) - 1;
  const T negative = static_cast<T>(T{0} - static_cast<T>(a >> kSign));  // all ones, or 0
  return static_cast<T>((a ^ negative) - negative);
}

// Only the sign changes, of a NaN too: what becomes of its payload is left open.
template <bool kFtz>
u32 abs_f32(u32 a) {
  return bits_of(operand<kFtz>(f32_of(a))) & 0x7fffffffU;
}
u64 abs_f64(u64 a) {
  return a & 0x7fffffffffffffffU;
}
template <class Half, bool kFtz>
u16 abs_half(u16 a) {
  return static_cast<u16>((kFtz ? flush_half<Half>(a) : a) & 0x7fffU);
}

Handler f32(const Match& m, Instr*) {
  return m.has("ftz") ? lift<abs_f32<true>, u32, u32> : lift<abs_f32<false>, u32, u32>;
}
Handler f16(const Match& m, Instr*) {
  return m.has("ftz") ? lift<abs_half<F16, true>, u16, u16> : lift<abs_half<F16, false>, u16, u16>;
}
Handler f16x2(const Match& m, Instr*) {
  return m.has("ftz") ? lift<each_half<abs_half<F16, true>, u32>, u32, u32>
                      : lift<each_half<abs_half<F16, false>, u32>, u32, u32>;
}

}  // namespace

Insn insn_abs();
Insn insn_abs() {
  return {
      .opcode = "abs",
      .forms =
          {
              {"abs.s16 d:16, a:16", always<lift<size_of_integer<u16>, u16, u16>>},
              {"abs.s32 d:32, a:32", always<lift<size_of_integer<u32>, u32, u32>>},
              {"abs.s64 d:64, a:64", always<lift<size_of_integer<u64>, u64, u64>>},
              {"abs{.ftz}.f32 d:32, a:32", f32},
              {"abs.f64 d:64, a:64", always<lift<abs_f64, u64, u64>>},
              {"abs{.ftz}.f16 d:16, a:16", f16},
              {"abs{.ftz}.f16x2 d:32, a:32", f16x2},
              {"abs.bf16 d:16, a:16", always<lift<abs_half<Bf16, false>, u16, u16>>},
              {"abs.bf16x2 d:32, a:32",
               always<lift<each_half<abs_half<Bf16, false>, u32>, u32, u32>>},
          },
      .examples =
          {
              {"abs.s16 d:16, a:16", {0xffff}, {1}, "-1"},
              {"abs.s32 d:32, a:32", {0xfffffffbu}, {5}, "-5"},
              {"abs.s32 d:32, a:32", {7}, {7}, "7"},
              {"abs.s32 d:32, a:32", {0x80000000u}, {0x80000000u}, "the least integer wraps"},
              {"abs.s64 d:64, a:64", {0xffffffffffffffffu}, {1}, "-1"},
              {"abs.f32 d:32, a:32", {0xbf800000u}, {0x3f800000u}, "-1"},
              {"abs.f32 d:32, a:32", {0x80000000u}, {0}, "-0"},
              {"abs.f32 d:32, a:32", {0xff800000u}, {0x7f800000u}, "-Inf"},
              {"abs.f32 d:32, a:32", {0x80000001u}, {1}, "a subnormal"},
              {"abs.ftz.f32 d:32, a:32", {0x80000001u}, {0}, "a subnormal is flushed"},
              {"abs.f64 d:64, a:64", {0xbff0000000000000u}, {0x3ff0000000000000u}, "-1"},
              {"abs.f16 d:16, a:16", {0xbc00}, {0x3c00}, "-1"},
              {"abs.f16 d:16, a:16", {0x8001}, {1}, "a subnormal"},
              {"abs.ftz.f16 d:16, a:16", {0x8001}, {0}, "a subnormal is flushed"},
              {"abs.f16x2 d:32, a:32", {0xbc00c000u}, {0x3c004000u}, "both halves"},
              {"abs.ftz.f16x2 d:32, a:32", {0xbc008001u}, {0x3c000000u}, "the low one is flushed"},
              {"abs.bf16 d:16, a:16", {0xbf80}, {0x3f80}, "-1"},
              {"abs.bf16x2 d:32, a:32", {0xbf80c000u}, {0x3f804000u}, "both halves"},
          },
  };
}

}  // namespace attest::ptx
