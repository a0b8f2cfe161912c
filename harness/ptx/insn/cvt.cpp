// cvt: PTX ISA 9.1, 9.7.9.21, and cvt.pack, 9.7.9.22.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/insn/cvt.h"

// Rounding is named wherever the conversion is not exact, and only there (the manual's rule); a
// rounding where none is allowed is taken as none needed.
#define ATTEST_NARROW "(u8|s8|u16|s16|u32|s32)"
#define ATTEST_WIDE "(u64|s64)"
#define ATTEST_SMALL "(e4m3x2|e5m2x2|e2m3x2|e3m2x2)"

namespace attest::ptx {

Insn insn_cvt();
Insn insn_cvt() {  // NOLINT(readability-function-size): a table
  std::vector<Example> examples = cvt_integer_examples();
  for (const auto& more : {cvt_float_examples(), cvt_small_examples()})
    examples.insert(examples.end(), more.begin(), more.end());
  return {
      .opcode = "cvt",
      .forms =
          {
              {"cvt{.sat}." ATTEST_NARROW "." ATTEST_NARROW " d:32, a:32",
               cvt_narrow_narrow,
               Propagation::copies},
              {"cvt{.sat}." ATTEST_NARROW "." ATTEST_WIDE " d:32, a:64",
               cvt_narrow_wide,
               Propagation::copies},
              {"cvt{.sat}." ATTEST_WIDE "." ATTEST_NARROW " d:64, a:32",
               cvt_wide_narrow,
               Propagation::copies},
              {"cvt{.sat}." ATTEST_WIDE "." ATTEST_WIDE " d:64, a:64",
               cvt_wide_wide,
               Propagation::copies},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_NARROW ".f32 d:32, a:32",
               cvt_narrow_f32},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_NARROW ".f16 d:32, a:16",
               cvt_narrow_f16},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_NARROW ".bf16 d:32, a:16",
               cvt_narrow_bf16},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_NARROW ".f64 d:32, a:64",
               cvt_narrow_f64},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_WIDE ".f32 d:64, a:32", cvt_wide_f32},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_WIDE ".f16 d:64, a:16", cvt_wide_f16},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_WIDE ".bf16 d:64, a:16", cvt_wide_bf16},
              {"cvt.(rni|rzi|rmi|rpi){.ftz}{.sat}." ATTEST_WIDE ".f64 d:64, a:64", cvt_wide_f64},
              {"cvt.(rn|rz|rm|rp){.sat}.f32." ATTEST_NARROW " d:32, a:32", cvt_f32_narrow},
              {"cvt.(rn|rz|rm|rp){.sat}.f32." ATTEST_WIDE " d:32, a:64", cvt_f32_wide},
              {"cvt.(rn|rz|rm|rp){.sat}.f16." ATTEST_NARROW " d:16, a:32", cvt_f16_narrow},
              {"cvt.(rn|rz|rm|rp){.sat}.f16." ATTEST_WIDE " d:16, a:64", cvt_f16_wide},
              {"cvt.(rn|rz|rm|rp){.sat}.bf16." ATTEST_NARROW " d:16, a:32", cvt_bf16_narrow},
              {"cvt.(rn|rz|rm|rp){.sat}.bf16." ATTEST_WIDE " d:16, a:64", cvt_bf16_wide},
              {"cvt.(rn|rz|rm|rp).f64." ATTEST_NARROW " d:64, a:32", cvt_f64_narrow},
              {"cvt.(rn|rz|rm|rp).f64." ATTEST_WIDE " d:64, a:64", cvt_f64_wide},
              {"cvt{.rni|.rzi|.rmi|.rpi}{.ftz}{.sat}.f32.f32 d:32, a:32", cvt_f32_f32},
              {"cvt{.rni|.rzi|.rmi|.rpi}{.sat}.f64.f64 d:64, a:64", cvt_f64_f64},
              {"cvt{.rni|.rzi|.rmi|.rpi}{.sat}.f16.f16 d:16, a:16", cvt_f16_f16},
              {"cvt{.rni|.rzi|.rmi|.rpi}{.sat}.bf16.bf16 d:16, a:16", cvt_bf16_bf16},
              {"cvt{.ftz}{.sat}.f32.f16 d:32, a:16", cvt_f32_f16},
              {"cvt{.ftz}{.sat}.f32.bf16 d:32, a:16", cvt_f32_bf16},
              {"cvt{.sat}.f64.f16 d:64, a:16", cvt_f64_f16},
              {"cvt{.sat}.f64.bf16 d:64, a:16", cvt_f64_bf16},
              {"cvt{.ftz}{.sat}.f64.f32 d:64, a:32", cvt_f64_f32},
              {"cvt.(rn|rz|rm|rp){.ftz}{.sat}.f32.f64 d:32, a:64", cvt_f32_f64},
              {"cvt.(rn|rz|rm|rp){.sat}.f16.f64 d:16, a:64", cvt_f16_f64},
              {"cvt.(rn|rz|rm|rp){.sat}.bf16.f64 d:16, a:64", cvt_bf16_f64},
              {"cvt.(rn|rz|rm|rp){.ftz}{.sat}.f16.f32 d:16, a:32", cvt_f16_f32},
              {"cvt.(rn|rz){.relu}{.satfinite}.f16.f32 d:16, a:32", cvt_f16_f32},
              {"cvt.(rn|rz|rm|rp){.ftz}{.sat}.bf16.f32 d:16, a:32", cvt_bf16_f32},
              {"cvt.(rn|rz){.relu}{.satfinite}.bf16.f32 d:16, a:32", cvt_bf16_f32},
              {"cvt.(rn|rz|rm|rp).f16.bf16 d:16, a:16", cvt_f16_bf16},
              {"cvt.(rn|rz|rm|rp).bf16.f16 d:16, a:16", cvt_bf16_f16},
              {"cvt.(rn|rz){.relu}{.satfinite}.f16x2.f32 d:32, a:32, b:32", cvt_f16x2_f32},
              {"cvt.(rn|rz){.relu}{.satfinite}.bf16x2.f32 d:32, a:32, b:32", cvt_bf16x2_f32},
              {"cvt.(rna){.satfinite}.tf32.f32 d:32, a:32", cvt_tf32_f32},
              {"cvt.(rn|rz){.satfinite}{.relu}.tf32.f32 d:32, a:32", cvt_tf32_f32},
              {"cvt.rn.satfinite{.relu}." ATTEST_SMALL ".f32 d:16, a:32, b:32", cvt_small_f32},
              {"cvt.rn.satfinite{.relu}." ATTEST_SMALL ".(f16x2|bf16x2) d:16, a:32",
               cvt_small_halves},
              {"cvt.rn{.relu}.f16x2." ATTEST_SMALL " d:32, a:16", cvt_f16x2_small},
              {"cvt.pack.sat.(u16|s16).s32 d:32, a:32, b:32", cvt_pack_16},
              {"cvt.pack.sat.(u2|s2|u4|s4|u8|s8).s32.b32 d:32, a:32, b:32, c:32", cvt_pack_small},
          },
      .examples = examples,
  };
}

}  // namespace attest::ptx
