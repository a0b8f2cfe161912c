// gemm_f32: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_launch.h"

namespace attest {
namespace embedded {
std::string_view gemm_f32();
std::string_view gemm_f32_ptxas();
}  // namespace embedded

OperationSpec operation_spec_gemm_f32() {
  OperationSpec spec;
  spec.name = "gemm_f32";
  spec.image = {"gemm_f32", embedded::gemm_f32()};
  spec.ptxas = embedded::gemm_f32_ptxas();
  spec.dtypes = {Dtype::f32};
  spec.tile_m = 64;
  spec.tile_n = 64;
  spec.tile_k = 16;
  spec.refusal = [claimed = spec](const Operation& operation) {
    return refuse_gemm(claimed, operation);
  };
  spec.plan = [](const KernelImage& image, const Operation& operation) {
    const Gemm& gemm = std::get<Gemm>(operation);
    return plan_gemm(image, gemm, {.entry = "gemm_f32_" + transposition(gemm)});
  };
  spec.arithmetic = [](const Operation&) { return Arithmetic{.accumulate = Accumulate::fma_f32}; };
  return spec;
}

}  // namespace attest
