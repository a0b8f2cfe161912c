// ex2: PTX ISA 9.0, 9.7.3.21 (f32), 9.7.4.10 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

#include <type_traits>

namespace attest::ptx {
namespace {

template <class Half>
void nearest(const float* in, float* out) {
  ex2_32(in, out, std::is_same_v<Half, Bf16>);
}

template <class Half>
constexpr Build kHalf = approximate_half<nearest<Half>, Half, Ex2HalfError<Half>>;
template <class Half>
constexpr Build kHalf2 = approximate_half2<nearest<Half>, Half, Ex2HalfError<Half>>;

}  // namespace

Insn insn_ex2();
Insn insn_ex2() {
  return {
      .opcode = "ex2",
      .forms =
          {
              {"ex2.approx{.ftz}.f32 d:32, a:32", approximate_f32<ex2_32>},
              {"ex2.approx.f16 d:16, a:16", kHalf<F16>},
              {"ex2.approx.f16x2 d:32, a:32", kHalf2<F16>},
              {"ex2.approx.ftz.bf16 d:16, a:16", kHalf<Bf16>},
              {"ex2.approx.ftz.bf16x2 d:32, a:32", kHalf2<Bf16>},
          },
      .examples =
          {
              {"ex2.approx.f32 d:32, a:32", {0xff800000u}, {0}, "manual: -Inf gives +0"},
              {"ex2.approx.f32 d:32, a:32", {0x80000000u}, {0x3f800000u}, "manual: -0 gives 1"},
              {"ex2.approx.f32 d:32, a:32", {0x7f800000u}, {0x7f800000u}, "manual: +Inf"},
              {"ex2.approx.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
              {"ex2.approx.f32 d:32, a:32", {0x40400000u}, {0x41000000u}, "2^3 = 8"},
              {"ex2.approx.f32 d:32, a:32", {0x3f000000u}, {0x3fb504f3u}, "sqrt(2)"},
              {"ex2.approx.f32 d:32, a:32", {0xc3150000u}, {1}, "2^-149"},
              {"ex2.approx.f32 d:32, a:32", {0x43000000u}, {0x7f800000u}, "2^128 overflows"},
              {"ex2.approx.ftz.f32 d:32, a:32", {0xc2fe0000u}, {0}, "2^-127 is flushed"},
              {"ex2.approx.ftz.f32 d:32, a:32", {0xc2fc0000u}, {0x00800000u}, "2^-126"},
              {"ex2.approx.ftz.f32 d:32, a:32",
               {0x807fffffu},
               {0x3f800000u},
               "manual: a subnormal gives 1"},
              {"ex2.approx.f16 d:16, a:16", {0x4200}, {0x4800}, "2^3 = 8"},
              {"ex2.approx.f16 d:16, a:16", {0xce00}, {1}, "2^-24"},
              {"ex2.approx.f16 d:16, a:16", {0x4c00}, {0x7c00}, "2^16 overflows"},
              {"ex2.approx.f16 d:16, a:16", {0xfe00}, {0x7fff}, "canonical NaN"},
              {"ex2.approx.f16x2 d:32, a:32", {0x42003c00u}, {0x48004000u}, "both halves"},
              {"ex2.approx.ftz.bf16 d:16, a:16", {0x4040}, {0x4100}, "2^3 = 8"},
              {"ex2.approx.ftz.bf16 d:16, a:16", {0xc2fe}, {0}, "2^-127 is flushed"},
              {"ex2.approx.ftz.bf16x2 d:32, a:32", {0x40403f80u}, {0x41004000u}, "both halves"},
          },
  };
}

}  // namespace attest::ptx
