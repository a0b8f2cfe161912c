// setp: PTX ISA 9.0, 9.7.7.2 (set predicate).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

// In the order of the forms' comparison groups. The comparisons without "u" are false on NaN.
template <class T>
bool eq(T a, T b) {
  return a == b;
}
template <class T>
bool ne(T a, T b) {
  return a < b || a > b;
}
template <class T>
bool lt(T a, T b) {
  return a < b;
}
template <class T>
bool le(T a, T b) {
  return a <= b;
}
template <class T>
bool gt(T a, T b) {
  return a > b;
}
template <class T>
bool ge(T a, T b) {
  return a >= b;
}
template <class T>
bool equ(T a, T b) {
  return !ne(a, b);
}
template <class T>
bool neu(T a, T b) {
  return !(a == b);
}
template <class T>
bool ltu(T a, T b) {
  return !(a >= b);
}
template <class T>
bool leu(T a, T b) {
  return !(a > b);
}
template <class T>
bool gtu(T a, T b) {
  return !(a <= b);
}
template <class T>
bool geu(T a, T b) {
  return !(a < b);
}
template <class T>
bool num(T a, T b) {
  return a == a && b == b;
}
template <class T>
bool nan(T a, T b) {
  return a != a || b != b;
}

template <class T>
Handler pick(const Match& match, Instr*) {
  constexpr Handler kHandlers[] = {lift_predicate<eq<T>, T, T>,
                                   lift_predicate<ne<T>, T, T>,
                                   lift_predicate<lt<T>, T, T>,
                                   lift_predicate<le<T>, T, T>,
                                   lift_predicate<gt<T>, T, T>,
                                   lift_predicate<ge<T>, T, T>,
                                   lift_predicate<equ<T>, T, T>,
                                   lift_predicate<neu<T>, T, T>,
                                   lift_predicate<ltu<T>, T, T>,
                                   lift_predicate<leu<T>, T, T>,
                                   lift_predicate<gtu<T>, T, T>,
                                   lift_predicate<geu<T>, T, T>,
                                   lift_predicate<num<T>, T, T>,
                                   lift_predicate<nan<T>, T, T>};
  return kHandlers[match.index(0)];
}

}  // namespace

Insn insn_setp();
Insn insn_setp() {
  return {
      .opcode = "setp",
      .forms =
          {
              {"setp.(eq|ne|lt|le|gt|ge).(u16|b16) p:p, a:16, b:16", pick<u16>},
              {"setp.(eq|ne|lt|le|gt|ge).s16 p:p, a:16, b:16", pick<s16>},
              {"setp.(eq|ne|lt|le|gt|ge).(u32|b32) p:p, a:32, b:32", pick<u32>},
              {"setp.(eq|ne|lt|le|gt|ge).s32 p:p, a:32, b:32", pick<s32>},
              {"setp.(eq|ne|lt|le|gt|ge).(u64|b64) p:p, a:64, b:64", pick<u64>},
              {"setp.(eq|ne|lt|le|gt|ge).s64 p:p, a:64, b:64", pick<s64>},
              {"setp.(eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan).f32 p:p, a:32, b:32",
               pick<float>},
              {"setp.(eq|ne|lt|le|gt|ge|equ|neu|ltu|leu|gtu|geu|num|nan).f64 p:p, a:64, b:64",
               pick<double>},
          },
      .examples =
          {
              {"setp.lt.s32 p:p, a:32, b:32", {0xffffffffu, 0}, {1}, "-1 < 0"},
              {"setp.lt.u32 p:p, a:32, b:32", {0xffffffffu, 0}, {0}, "4294967295 > 0"},
              {"setp.eq.f32 p:p, a:32, b:32", {0x80000000u, 0}, {1}, "-0 == +0"},
              {"setp.ne.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {0}, "ordered: false on NaN"},
              {"setp.neu.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "unordered: true on NaN"},
              {"setp.ltu.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "unordered: true on NaN"},
              {"setp.ge.f32 p:p, a:32, b:32",
               {0x7f800000u, 0x7f7fffffu},
               {1},
               "Inf is above every finite value"},
              {"setp.gt.f32 p:p, a:32, b:32", {1, 0}, {1}, "a subnormal is above 0 without .ftz"},
              {"setp.nan.f32 p:p, a:32, b:32", {0x7fc00000u, 0}, {1}, "either is NaN"},
          },
  };
}

}  // namespace attest::ptx
