// testp: PTX ISA 9.0, 9.7.3.1. Zeros count as normal.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/insn.h"

namespace attest::ptx {
namespace {

/// Bits of magnitude: those of Inf, and those of the least normal number.
template <class Bits>
struct Format;
template <>
struct Format<u32> {
  static constexpr u32 kSize = 0x7fffffffU, kInf = 0x7f800000U, kNormal = 0x00800000U;
};
template <>
struct Format<u64> {
  static constexpr u64 kSize = 0x7fffffffffffffffU, kInf = 0x7ff0000000000000U,
                       kNormal = 0x0010000000000000U;
};

template <class Bits>
bool finite(Bits a) {
  return (a & Format<Bits>::kSize) < Format<Bits>::kInf;
}
template <class Bits>
bool infinite(Bits a) {
  return (a & Format<Bits>::kSize) == Format<Bits>::kInf;
}
template <class Bits>
bool number(Bits a) {
  return (a & Format<Bits>::kSize) <= Format<Bits>::kInf;
}
template <class Bits>
bool notanumber(Bits a) {
  return !number(a);
}
template <class Bits>
bool subnormal(Bits a) {
  const Bits size = a & Format<Bits>::kSize;
  return (size != 0) & (size < Format<Bits>::kNormal);
}
template <class Bits>
bool normal(Bits a) {
  return finite(a) & !subnormal(a);
}

template <class Bits>
Handler pick(const Match& match, Instr*) {
  constexpr Handler kHandlers[] = {lift_predicate<finite<Bits>, Bits>,
                                   lift_predicate<infinite<Bits>, Bits>,
                                   lift_predicate<number<Bits>, Bits>,
                                   lift_predicate<notanumber<Bits>, Bits>,
                                   lift_predicate<normal<Bits>, Bits>,
                                   lift_predicate<subnormal<Bits>, Bits>};
  return kHandlers[match.index(0)];
}

}  // namespace

Insn insn_testp();
Insn insn_testp() {
  return {
      .opcode = "testp",
      .forms =
          {
              {"testp.(finite|infinite|number|notanumber|normal|subnormal).f32 p:p, a:32",
               pick<u32>},
              {"testp.(finite|infinite|number|notanumber|normal|subnormal).f64 p:p, a:64",
               pick<u64>},
          },
      .examples =
          {
              {"testp.finite.f32 p:p, a:32", {0xff7fffffu}, {1}, "the largest finite"},
              {"testp.finite.f32 p:p, a:32", {0x7f800000u}, {0}, "Inf"},
              {"testp.infinite.f32 p:p, a:32", {0xff800000u}, {1}, "-Inf"},
              {"testp.infinite.f32 p:p, a:32", {0x7f800001u}, {0}, "NaN"},
              {"testp.number.f32 p:p, a:32", {0xff800000u}, {1}, "Inf is a number"},
              {"testp.number.f32 p:p, a:32", {0xff800001u}, {0}, "NaN"},
              {"testp.notanumber.f32 p:p, a:32", {0xff800001u}, {1}, "NaN"},
              {"testp.notanumber.f32 p:p, a:32", {0}, {0}, "0"},
              {"testp.normal.f32 p:p, a:32", {0x80000000u}, {1}, "manual: zeros are normal"},
              {"testp.normal.f32 p:p, a:32", {0x007fffffu}, {0}, "a subnormal"},
              {"testp.normal.f32 p:p, a:32", {0x00800000u}, {1}, "the least normal"},
              {"testp.normal.f32 p:p, a:32", {0x7f800000u}, {0}, "Inf"},
              {"testp.subnormal.f32 p:p, a:32", {0x807fffffu}, {1}, "the largest subnormal"},
              {"testp.subnormal.f32 p:p, a:32", {0}, {0}, "manual: zeros are normal"},
              {"testp.subnormal.f64 p:p, a:64", {1}, {1}, "the least subnormal"},
              {"testp.notanumber.f64 p:p, a:64", {0x7ff0000000000001u}, {1}, "NaN"},
              {"testp.infinite.f64 p:p, a:64", {0x7ff0000000000000u}, {1}, "Inf"},
          },
  };
}

}  // namespace attest::ptx
