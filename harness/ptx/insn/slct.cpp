// slct: PTX ISA 9.0, 9.7.6.4.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/round.h"

namespace attest::ptx {
namespace {

/// The bits pass unchanged, so a type is only a width.
template <class T>
T by_sign(T a, T b, s32 c) {
  return c >= 0 ? a : b;
}
template <class T>
T by_float(T a, T b, float c) {
  return c >= 0.0F ? a : b;  // false on NaN, true on -0
}
template <class T>
T by_flushed_float(T a, T b, float c) {
  return flush(c) >= 0.0F ? a : b;
}

template <class T>
Handler pick_float(const Match& match, Instr*) {
  return match.has("ftz") ? lift<by_flushed_float<T>, T, T, T, float>
                          : lift<by_float<T>, T, T, T, float>;
}

}  // namespace

Insn insn_slct();
Insn insn_slct() {
  return {
      .opcode = "slct",
      .forms =
          {
              {"slct.(b16|u16|s16).s32 d:16, a:16, b:16, c:32",
               always<lift<by_sign<u16>, u16, u16, u16, s32>>},
              {"slct.(b32|u32|s32|f32).s32 d:32, a:32, b:32, c:32",
               always<lift<by_sign<u32>, u32, u32, u32, s32>>},
              {"slct.(b64|u64|s64|f64).s32 d:64, a:64, b:64, c:32",
               always<lift<by_sign<u64>, u64, u64, u64, s32>>},
              {"slct{.ftz}.(b16|u16|s16).f32 d:16, a:16, b:16, c:32", pick_float<u16>},
              {"slct{.ftz}.(b32|u32|s32|f32).f32 d:32, a:32, b:32, c:32", pick_float<u32>},
              {"slct{.ftz}.(b64|u64|s64|f64).f32 d:64, a:64, b:64, c:32", pick_float<u64>},
          },
      .examples =
          {
              {"slct.u16.s32 d:16, a:16, b:16, c:32",
               {1, 2, 0xffffffffu},
               {2},
               "negative: the second"},
              {"slct.u32.s32 d:32, a:32, b:32, c:32", {1, 2, 0}, {1}, "0 and above: the first"},
              {"slct.f32.s32 d:32, a:32, b:32, c:32",
               {0x7f812345u, 2, 7},
               {0x7f812345u},
               "a signalling NaN passes unchanged"},
              {"slct.f64.s32 d:64, a:64, b:64, c:32",
               {1, 0x7ff0000000000001u, 0x80000000u},
               {0x7ff0000000000001u},
               "all 64 bits"},
              {"slct.u32.f32 d:32, a:32, b:32, c:32", {1, 2, 0x80000000u}, {1}, "-0 >= 0"},
              {"slct.u32.f32 d:32, a:32, b:32, c:32", {1, 2, 0x7fc00000u}, {2}, "NaN: the second"},
              {"slct.u32.f32 d:32, a:32, b:32, c:32",
               {1, 2, 0x80000001u},
               {2},
               "a negative subnormal"},
              {"slct.ftz.u32.f32 d:32, a:32, b:32, c:32",
               {1, 2, 0x80000001u},
               {1},
               "is -0 with .ftz"},
              {"slct.b16.f32 d:16, a:16, b:16, c:32", {1, 2, 0xff800000u}, {2}, "-Inf"},
              {"slct.ftz.s64.f32 d:64, a:64, b:64, c:32", {1, 2, 0x7f800000u}, {1}, "Inf"},
          },

  };
}

}  // namespace attest::ptx
