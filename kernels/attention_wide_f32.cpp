// attention_wide_f32: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include <fmt/format.h>

namespace attest {
namespace embedded {
std::string_view attention_wide_f32();
std::string_view attention_wide_f32_ptxas();
}  // namespace embedded

namespace {

// Of attention_wide_f32.cuh, in floats.
constexpr std::int64_t kRows = 16;
constexpr std::int64_t kTileKv = 32;
constexpr std::int64_t kSlabColumns = 128;
constexpr std::int64_t kSlabRow = kSlabColumns + 4;
constexpr std::int64_t kStages = 3;
constexpr std::int64_t kScoreRow = kTileKv + 8;
constexpr std::int64_t kWarps = 4;

std::int64_t shared_bytes(std::int64_t head_dim) {
  const std::int64_t slabs = (head_dim + kSlabColumns - 1) / kSlabColumns;
  const std::int64_t scores_and_weights = (kWarps + 1) * kRows * kScoreRow;
  const std::int64_t floats =
      kStages * kTileKv * kSlabRow + scores_and_weights + slabs * kRows * kSlabRow;
  return floats * static_cast<std::int64_t>(sizeof(float));
}

/// Chains of fmaf over parts of head_dim, added, and over the keys; P stays f32; the row sum adds P
/// as it is used. ex2.approx.f32: relative error at most 2^-22, which is 2 ulp (PTX ISA 9.0,
/// 9.7.3.21).
Arithmetic arithmetic(const Problem&) {
  return {.accumulate = Accumulate::fma_f32,
          .probability = Dtype::f32,
          .sum_of_rounded_p = false,
          .kv_tile = kTileKv,
          .exp_ulps = 2};
}

}  // namespace

KernelSpec kernel_attention_wide_f32() {
  KernelSpec spec;
  spec.name = "attention_wide_f32";
  spec.image = {"attention_wide_f32", embedded::attention_wide_f32()};
  spec.ptxas = embedded::attention_wide_f32_ptxas();
  spec.dtypes = {Dtype::f32};
  spec.head_dims = {8, 64, 72, 136, 256, 328, 1024};
  spec.tile_q = kRows;
  spec.tile_kv = kTileKv;
  spec.refusal = [claimed = spec](const Problem& problem) {
    const auto reason = refuse_attention(claimed, problem);
    return reason ? reason : refuse_unless_wide_head_dim(problem);
  };
  spec.plan = [](const KernelImage& image, const Problem& problem) {
    const int entry = problem.head_dim <= 256 ? 256 : 1024;
    return plan_attention(image,
                          problem,
                          {.entry = fmt::format("attention_wide_f32_d{}", entry),
                           .tile_q = kRows,
                           .threads = 128,
                           .shared_bytes = shared_bytes(problem.head_dim)});
  };
  spec.arithmetic = arithmetic;
  return spec;
}

}  // namespace attest
