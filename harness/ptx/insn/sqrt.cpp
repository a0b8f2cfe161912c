// sqrt: PTX ISA 9.0, 9.7.3.15.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"
#include "harness/ptx/insn/arithmetic.h"

#include <cmath>

namespace attest::ptx {
namespace {

struct Sqrt {
  static constexpr bool kTinyIsExact = true;

  template <Rounding kMode, bool kFtz>
  static float f32(float a) {
    return sqrt_f32<kMode, kFtz>(a);
  }
};

double sqrt_f64(double a) {
  return std::sqrt(a);
}

}  // namespace

Insn insn_sqrt();
Insn insn_sqrt() {
  return {
      .opcode = "sqrt",
      .forms =
          {
              {"sqrt.(rn|rz|rm|rp){.ftz}.f32 d:32, a:32", f32_form<Sqrt, float>},
              {"sqrt.approx{.ftz}.f32 d:32, a:32", approximate_f32<sqrt_32>},
              {"sqrt.rn.f64 d:64, a:64", always<lift<sqrt_f64, double, double>>},
          },
      .examples =
          {
              {"sqrt.rn.f32 d:32, a:32", {0x40000000u}, {0x3fb504f3u}, "sqrt(2) = 1.41421356"},
              {"sqrt.rp.f32 d:32, a:32", {0x40000000u}, {0x3fb504f4u}, "sqrt(2) up"},
              {"sqrt.rz.f32 d:32, a:32", {0x40400000u}, {0x3fddb3d7u}, "sqrt(3) toward 0"},
              {"sqrt.rm.f32 d:32, a:32", {0x40800000u}, {0x40000000u}, "sqrt(4) is exact"},
              {"sqrt.rn.f32 d:32, a:32", {0x80000000u}, {0x80000000u}, "-0"},
              {"sqrt.rn.f32 d:32, a:32", {0xbf800000u}, {0x7fffffffu}, "canonical NaN below 0"},
              {"sqrt.rn.f32 d:32, a:32", {0x7f800000u}, {0x7f800000u}, "+Inf"},
              {"sqrt.rn.f32 d:32, a:32", {2}, {0x1a800000u}, "sqrt(2^-148) = 2^-74"},
              {"sqrt.rn.ftz.f32 d:32, a:32",
               {0x80000002u},
               {0x80000000u},
               "a subnormal is flushed"},
              {"sqrt.approx.f32 d:32, a:32", {0x40800000u}, {0x40000000u}, "sqrt(4)"},
              {"sqrt.approx.f32 d:32, a:32", {0x80000000u}, {0x80000000u}, "manual: -0"},
              {"sqrt.approx.f32 d:32, a:32", {0x80000001u}, {0x7fffffffu}, "manual: NaN below 0"},
              {"sqrt.approx.ftz.f32 d:32, a:32", {0x80000001u}, {0x80000000u}, "manual: -0"},
              {"sqrt.approx.ftz.f32 d:32, a:32", {0x7f800000u}, {0x7f800000u}, "manual: +Inf"},
              {"sqrt.rn.f64 d:64, a:64", {0x4000000000000000u}, {0x3ff6a09e667f3bcdu}, "sqrt(2)"},
          },
  };
}

}  // namespace attest::ptx
