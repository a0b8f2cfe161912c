// rsqrt: PTX ISA 9.0, 9.7.3.16.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

#include <cmath>

namespace attest::ptx {
namespace {

/// Two roundings; the manual bounds the error by 2 ulp of double or so, not the bits.
double rsqrt_f64(double a) {
  return 1.0 / std::sqrt(a);
}

}  // namespace

Insn insn_rsqrt();
Insn insn_rsqrt() {
  return {
      .opcode = "rsqrt",
      .forms =
          {
              {"rsqrt.approx{.ftz}.f32 d:32, a:32", approximate_f32<rsqrt_32>},
              {"rsqrt.approx.f64 d:64, a:64", always<lift<rsqrt_f64, double, double>>},
          },
      .examples =
          {
              {"rsqrt.approx.f32 d:32, a:32", {0x40800000u}, {0x3f000000u}, "1 / sqrt(4)"},
              {"rsqrt.approx.f32 d:32, a:32", {0x40400000u}, {0x3f13cd3au}, "1 / sqrt(3)"},
              {"rsqrt.approx.f32 d:32, a:32", {2}, {0x64800000u}, "1 / sqrt(2^-148) = 2^74"},
              {"rsqrt.approx.ftz.f32 d:32, a:32", {2}, {0x7f800000u}, "a subnormal is flushed"},
              {"rsqrt.approx.f32 d:32, a:32", {0x80000000u}, {0xff800000u}, "manual: -0: -Inf"},
              {"rsqrt.approx.f32 d:32, a:32", {0xbf800000u}, {0x7fffffffu}, "manual: NaN below 0"},
              {"rsqrt.approx.f32 d:32, a:32", {0x7f800000u}, {0}, "manual: +Inf gives +0"},
              {"rsqrt.approx.ftz.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
              {"rsqrt.approx.f64 d:64, a:64", {0x4010000000000000u}, {0x3fe0000000000000u}, "1/2"},
          },
  };
}

}  // namespace attest::ptx
