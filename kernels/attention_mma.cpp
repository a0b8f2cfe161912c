// attention_mma: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include <fmt/format.h>

namespace attest {
namespace embedded {
std::string_view attention_mma();
std::string_view attention_mma_ptxas();
}  // namespace embedded

namespace {

// Tiles of attention_mma.cu: Q, and two stages of K and V, all of one shape.
constexpr std::int64_t kTileRows = 64;
constexpr std::int64_t kTiles = 5;

/// Scores and P V on tensor cores; P is rounded to the element type after the row sum has taken it.
/// ex2.approx.f32: relative error at most 2^-22, which is 2 ulp (PTX ISA 9.0, 9.7.3.21).
Arithmetic arithmetic(const Problem& problem) {
  return {.accumulate = Accumulate::tensor_core_f32,
          .probability = problem.dtype,
          .sum_of_rounded_p = false,
          .kv_tile = kTileRows,
          .exp_ulps = 2};
}

}  // namespace

KernelSpec kernel_attention_mma() {
  KernelSpec spec;
  spec.name = "attention_mma";
  spec.image = {"attention_mma", embedded::attention_mma()};
  spec.ptxas = embedded::attention_mma_ptxas();
  spec.dtypes = {Dtype::f16, Dtype::bf16};
  spec.head_dims = {32, 64, 128};
  spec.tile_q = kTileRows;
  spec.tile_kv = kTileRows;
  spec.refusal = [claimed = spec](const Problem& problem) {
    if (auto reason = refuse_attention(claimed, problem)) return reason;
    if (auto reason = refuse_unlisted_head_dim(claimed, problem)) return reason;
    return refuse_unless_16_byte_rows(problem);
  };
  spec.plan = [](const KernelImage& image, const Problem& problem) {
    return plan_attention(
        image,
        problem,
        {.entry = fmt::format("attention_mma_{}_d{}", name(problem.dtype), problem.head_dim),
         .tile_q = kTileRows,
         .threads = 128,
         .shared_bytes = kTiles * kTileRows * problem.head_dim * size_bytes(problem.dtype)});
  };
  spec.arithmetic = arithmetic;
  return spec;
}

}  // namespace attest
