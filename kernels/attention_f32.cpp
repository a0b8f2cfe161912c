// attention_f32: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include <fmt/format.h>

namespace attest {
namespace embedded {
std::string_view attention_f32();
std::string_view attention_f32_ptxas();
}  // namespace embedded

namespace {

// Tiles and row padding of attention_f32.cu.
constexpr std::int64_t kTileQ = 64;
constexpr std::int64_t kTileKv = 32;
constexpr std::int64_t kPad = 4;

std::int64_t shared_bytes(std::int64_t head_dim) {
  const std::int64_t q_and_k = (kTileQ + kTileKv) * (head_dim + kPad);
  const std::int64_t v = kTileKv * head_dim;
  const std::int64_t weights = kTileQ * (kTileKv + kPad);
  return (q_and_k + v + weights) * static_cast<std::int64_t>(sizeof(float));
}

/// Chains of fmaf over head_dim and over the keys; P stays f32; the row sum adds P as it is used.
/// ex2.approx.f32: relative error at most 2^-22, which is 2 ulp (PTX ISA 9.0, 9.7.3.21).
Arithmetic arithmetic(const Problem&) {
  return {.accumulate = Accumulate::fma_f32,
          .probability = Dtype::f32,
          .sum_of_rounded_p = false,
          .kv_tile = kTileKv,
          .exp_ulps = 2};
}

}  // namespace

KernelSpec kernel_attention_f32() {
  KernelSpec spec;
  spec.name = "attention_f32";
  spec.image = {"attention_f32", embedded::attention_f32()};
  spec.ptxas = embedded::attention_f32_ptxas();
  spec.dtypes = {Dtype::f32};
  spec.head_dims = {32, 64, 128};
  spec.tile_q = kTileQ;
  spec.tile_kv = kTileKv;
  spec.refusal = [claimed = spec](const Problem& problem) {
    const auto reason = refuse_attention(claimed, problem);
    return reason ? reason : refuse_unlisted_head_dim(claimed, problem);
  };
  spec.plan = [](const KernelImage& image, const Problem& problem) {
    return plan_attention(image,
                          problem,
                          {.entry = fmt::format("attention_f32_d{}", problem.head_dim),
                           .tile_q = kTileQ,
                           .threads = 128,
                           .shared_bytes = shared_bytes(problem.head_dim)});
  };
  spec.arithmetic = arithmetic;
  return spec;
}

}  // namespace attest
