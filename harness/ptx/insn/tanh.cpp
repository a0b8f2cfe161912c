// tanh: PTX ISA 9.0, 9.7.3.22 (f32), 9.7.4.9 (f16, bf16).
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/approximate.h"

namespace attest::ptx {
namespace {

template <ApproxMode kMode>
void row(const float* in, float* out) {
  tanh_32(in, out, kMode);
}

Handler f32(const Match& m, Instr*) {
  return choose_approx(
      m, []<ApproxMode kMode>() -> Handler { return lift_row<row<kMode>, float, float>; });
}

template <class Half>
constexpr Build kHalf = approximate_half<row<ApproxMode::nearest>, Half, TanhHalfError<Half>>;
template <class Half>
constexpr Build kHalf2 = approximate_half2<row<ApproxMode::nearest>, Half, TanhHalfError<Half>>;

}  // namespace

Insn insn_tanh();
Insn insn_tanh() {
  return {
      .opcode = "tanh",
      .forms =
          {
              {"tanh.approx.f32 d:32, a:32", f32},
              {"tanh.approx.f16 d:16, a:16", kHalf<F16>},
              {"tanh.approx.f16x2 d:32, a:32", kHalf2<F16>},
              {"tanh.approx.bf16 d:16, a:16", kHalf<Bf16>},
              {"tanh.approx.bf16x2 d:32, a:32", kHalf2<Bf16>},
          },
      .examples =
          {
              {"tanh.approx.f32 d:32, a:32", {0x3f000000u}, {0x3eec9a9fu}, "0.46211716"},
              {"tanh.approx.f32 d:32, a:32", {0x80000000u}, {0x80000000u}, "manual: -0"},
              {"tanh.approx.f32 d:32, a:32", {0x7f800000u}, {0x3f800000u}, "manual: +Inf gives 1"},
              {"tanh.approx.f32 d:32, a:32", {0xff800000u}, {0xbf800000u}, "manual: -Inf gives -1"},
              {"tanh.approx.f32 d:32, a:32", {0x80000001u}, {0x80000001u}, "a subnormal"},
              {"tanh.approx.f32 d:32, a:32", {0xffc12345u}, {0x7fffffffu}, "canonical NaN"},
              {"tanh.approx.f16 d:16, a:16", {0x3800}, {0x3765}, "0.46211716"},
              {"tanh.approx.f16 d:16, a:16", {0xfc00}, {0xbc00}, "-Inf gives -1"},
              {"tanh.approx.f16x2 d:32, a:32", {0x7c000001u}, {0x3c000001u}, "both halves"},
              {"tanh.approx.bf16 d:16, a:16", {0x3f00}, {0x3eed}, "0.46211716"},
              {"tanh.approx.bf16x2 d:32, a:32", {0x7f80ff80u}, {0x3f80bf80u}, "both halves"},
          },
  };
}

}  // namespace attest::ptx
