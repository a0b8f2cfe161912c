// neg: PTX ISA 9.0, 9.7.1.11 (integer), 9.7.3.10 (f32, f64), 9.7.4.5 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/arithmetic.h"

namespace attest::ptx {
namespace {

template <class T>
T minus(T a) {
  return static_cast<T>(T{0} - a);
}

// Only the sign changes, of a NaN too: what becomes of its payload is left open.
template <bool kFtz>
u32 neg_f32(u32 a) {
  return bits_of(operand<kFtz>(f32_of(a))) ^ 0x80000000U;
}
u64 neg_f64(u64 a) {
  return a ^ 0x8000000000000000U;
}
template <class Half, bool kFtz>
u16 neg_half(u16 a) {
  return static_cast<u16>((kFtz ? flush_half<Half>(a) : a) ^ 0x8000U);
}

Handler f32(const Match& m, Instr*) {
  return m.has("ftz") ? lift<neg_f32<true>, u32, u32> : lift<neg_f32<false>, u32, u32>;
}
Handler f16(const Match& m, Instr*) {
  return m.has("ftz") ? lift<neg_half<F16, true>, u16, u16> : lift<neg_half<F16, false>, u16, u16>;
}
Handler f16x2(const Match& m, Instr*) {
  return m.has("ftz") ? lift<each_half<neg_half<F16, true>, u32>, u32, u32>
                      : lift<each_half<neg_half<F16, false>, u32>, u32, u32>;
}

}  // namespace

Insn insn_neg();
Insn insn_neg() {
  return {
      .opcode = "neg",
      .forms =
          {
              {"neg.s16 d:16, a:16", always<lift<minus<u16>, u16, u16>>},
              {"neg.s32 d:32, a:32", always<lift<minus<u32>, u32, u32>>},
              {"neg.s64 d:64, a:64", always<lift<minus<u64>, u64, u64>>},
              {"neg{.ftz}.f32 d:32, a:32", f32},
              {"neg.f64 d:64, a:64", always<lift<neg_f64, u64, u64>>},
              {"neg{.ftz}.f16 d:16, a:16", f16},
              {"neg{.ftz}.f16x2 d:32, a:32", f16x2},
              {"neg.bf16 d:16, a:16", always<lift<neg_half<Bf16, false>, u16, u16>>},
              {"neg.bf16x2 d:32, a:32",
               always<lift<each_half<neg_half<Bf16, false>, u32>, u32, u32>>},
          },
      .examples =
          {
              {"neg.s16 d:16, a:16", {1}, {0xffff}, "-1"},
              {"neg.s32 d:32, a:32", {5}, {0xfffffffbu}, "-5"},
              {"neg.s32 d:32, a:32", {0x80000000u}, {0x80000000u}, "the least integer wraps"},
              {"neg.s64 d:64, a:64", {1}, {0xffffffffffffffffu}, "-1"},
              {"neg.f32 d:32, a:32", {0x3f800000u}, {0xbf800000u}, "-1"},
              {"neg.f32 d:32, a:32", {0}, {0x80000000u}, "-0"},
              {"neg.f32 d:32, a:32", {0xff800000u}, {0x7f800000u}, "-(-Inf)"},
              {"neg.f32 d:32, a:32", {1}, {0x80000001u}, "a subnormal"},
              {"neg.ftz.f32 d:32, a:32", {1}, {0x80000000u}, "a subnormal is flushed"},
              {"neg.f64 d:64, a:64", {0}, {0x8000000000000000u}, "-0"},
              {"neg.f16 d:16, a:16", {0x3c00}, {0xbc00}, "-1"},
              {"neg.f16 d:16, a:16", {0x8001}, {0x0001}, "a subnormal"},
              {"neg.ftz.f16 d:16, a:16", {0x8001}, {0}, "a subnormal is flushed"},
              {"neg.f16x2 d:32, a:32", {0x3c00c000u}, {0xbc004000u}, "both halves"},
              {"neg.ftz.f16x2 d:32, a:32", {0x3c000001u}, {0xbc008000u}, "the low one is flushed"},
              {"neg.bf16 d:16, a:16", {0x3f80}, {0xbf80}, "-1"},
              {"neg.bf16x2 d:32, a:32", {0x3f80c000u}, {0xbf804000u}, "both halves"},
          },
  };
}

}  // namespace attest::ptx
