// rcp: PTX ISA 9.0, 9.7.3.13.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"
#include "harness/ptx/insn/arithmetic.h"

namespace attest::ptx {
namespace {

struct Rcp {
  static constexpr bool kTinyIsExact = false;

  template <Rounding kMode, bool kFtz>
  static float f32(float a) {
    return div_f32<kMode, kFtz>(1.0F, a);
  }
};

double rcp_f64(double a) {
  return 1.0 / a;
}

}  // namespace

Insn insn_rcp();
Insn insn_rcp() {
  return {
      .opcode = "rcp",
      .forms =
          {
              {"rcp.(rn|rz|rm|rp){.ftz}.f32 d:32, a:32", f32_form<Rcp, float>},
              {"rcp.approx{.ftz}.f32 d:32, a:32", approximate_f32<rcp_32>},
              {"rcp.rn.f64 d:64, a:64", always<lift<rcp_f64, double, double>>},
          },
      .examples =
          {
              {"rcp.rn.f32 d:32, a:32", {0x40400000u}, {0x3eaaaaabu}, "1 / 3"},
              {"rcp.rz.f32 d:32, a:32", {0x40400000u}, {0x3eaaaaaau}, "1 / 3 toward 0"},
              {"rcp.rm.f32 d:32, a:32", {0xc0400000u}, {0xbeaaaaabu}, "-1 / 3 down"},
              {"rcp.rp.f32 d:32, a:32", {0xc0400000u}, {0xbeaaaaaau}, "-1 / 3 up"},
              {"rcp.rn.f32 d:32, a:32", {0x80000000u}, {0xff800000u}, "1 / -0"},
              {"rcp.rn.f32 d:32, a:32", {0xff800000u}, {0x80000000u}, "1 / -Inf"},
              {"rcp.rn.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
              {"rcp.rn.f32 d:32, a:32", {0x7f000000u}, {0x00400000u}, "2^-127 is subnormal"},
              {"rcp.rn.ftz.f32 d:32, a:32", {0xff000000u}, {0x80000000u}, "-2^-127 is flushed"},
              {"rcp.rn.ftz.f32 d:32, a:32", {0x80000001u}, {0xff800000u}, "1 / -0 after the flush"},
              {"rcp.rm.ftz.f32 d:32, a:32",
               {0xfe800001u},
               {0x80000000u},
               "tiny before rounding: -0 as recorded on hardware (vosen/ptx_tests)"},
              {"rcp.approx.f32 d:32, a:32", {0x40000000u}, {0x3f000000u}, "1 / 2"},
              {"rcp.approx.f32 d:32, a:32", {0x80000000u}, {0xff800000u}, "manual: -0 gives -Inf"},
              {"rcp.approx.f32 d:32, a:32", {0xff800000u}, {0x80000000u}, "manual: -Inf gives -0"},
              {"rcp.approx.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
              {"rcp.approx.f32 d:32, a:32", {0x7f000000u}, {0x00400000u}, "2^-127 is subnormal"},
              {"rcp.approx.ftz.f32 d:32, a:32", {0x7f000000u}, {0}, "2^-127 is flushed"},
              {"rcp.approx.ftz.f32 d:32, a:32",
               {0x80000001u},
               {0xff800000u},
               "manual: a subnormal gives Inf of its sign"},
              {"rcp.rn.f64 d:64, a:64", {0x4008000000000000u}, {0x3fd5555555555555u}, "1 / 3"},
          },
  };
}

}  // namespace attest::ptx
