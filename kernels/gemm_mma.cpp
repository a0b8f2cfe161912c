// gemm_mma: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_launch.h"

#include <fmt/format.h>

namespace attest {
namespace embedded {
std::string_view gemm_mma();
std::string_view gemm_mma_ptxas();
}  // namespace embedded

OperationSpec operation_spec_gemm_mma() {
  OperationSpec spec;
  spec.name = "gemm_mma";
  spec.image = {"gemm_mma", embedded::gemm_mma()};
  spec.ptxas = embedded::gemm_mma_ptxas();
  spec.dtypes = {Dtype::f16, Dtype::bf16};
  spec.tile_m = 64;
  spec.tile_n = 64;
  spec.tile_k = 64;
  spec.refusal = [claimed = spec](const Operation& operation) {
    return refuse_gemm(claimed, operation);
  };
  spec.plan = [](const KernelImage& image, const Operation& operation) {
    const Gemm& gemm = std::get<Gemm>(operation);
    return plan_gemm(
        image,
        gemm,
        {.entry = fmt::format("gemm_mma_{}_{}", name(gemm.dtype), transposition(gemm))});
  };
  spec.arithmetic = [](const Operation&) {
    return Arithmetic{.accumulate = Accumulate::tensor_core_f32};
  };
  return spec;
}

}  // namespace attest
