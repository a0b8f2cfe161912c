// attention_wide_mma: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention_launch.h"

#include <fmt/format.h>

namespace attest {
namespace embedded {
std::string_view attention_wide_mma();
std::string_view attention_wide_mma_ptxas();
}  // namespace embedded

namespace {

// Of attention_wide_mma.cuh, in bytes where no unit is named.
constexpr std::int64_t kTileKv = 64;
constexpr std::int64_t kSlabColumns = 128;
constexpr std::int64_t kSlabRow = 2 * kSlabColumns;
constexpr std::int64_t kStages = 3;
constexpr std::int64_t kExchanged = 256;

/// The entry of a head size is the one of the next of these.
constexpr std::int64_t entry_head_dim(std::int64_t head_dim) {
  return head_dim <= 256 ? 256 : head_dim <= 512 ? 512 : 1024;
}

constexpr std::int64_t rows(std::int64_t head_dim) {
  return 64 * 256 / entry_head_dim(head_dim);
}

std::int64_t shared_bytes(std::int64_t head_dim) {
  const std::int64_t slabs = (head_dim + kSlabColumns - 1) / kSlabColumns;
  const std::int64_t weights = rows(head_dim) * 2 * kTileKv;
  return kStages * kTileKv * kSlabRow + weights + kExchanged + slabs * rows(head_dim) * kSlabRow;
}

/// Scores and P V on tensor cores; P is rounded to the element type after the row sum has taken it.
/// ex2.approx.f32: relative error at most 2^-22, which is 2 ulp (PTX ISA 9.0, 9.7.3.21).
Arithmetic arithmetic(const Problem& problem) {
  return {.accumulate = Accumulate::tensor_core_f32,
          .probability = problem.dtype,
          .sum_of_rounded_p = false,
          .kv_tile = kTileKv,
          .exp_ulps = 2};
}

}  // namespace

KernelSpec kernel_attention_wide_mma() {
  KernelSpec spec;
  spec.name = "attention_wide_mma";
  spec.image = {"attention_wide_mma", embedded::attention_wide_mma()};
  spec.ptxas = embedded::attention_wide_mma_ptxas();
  spec.dtypes = {Dtype::f16, Dtype::bf16};
  spec.head_dims = {8, 64, 72, 136, 256, 328, 512, 1024};
  spec.tile_q = rows(64);
  spec.tile_kv = kTileKv;
  spec.refusal = [claimed = spec](const Problem& problem) {
    if (auto reason = refuse_attention(claimed, problem)) return reason;
    if (auto reason = refuse_unless_wide_head_dim(problem)) return reason;
    return refuse_unless_16_byte_rows(problem);
  };
  spec.plan = [](const KernelImage& image, const Problem& problem) {
    return plan_attention(
        image,
        problem,
        {.entry = fmt::format(
             "attention_wide_mma_{}_d{}", name(problem.dtype), entry_head_dim(problem.head_dim)),
         .tile_q = rows(problem.head_dim),
         .threads = 128,
         .shared_bytes = shared_bytes(problem.head_dim)});
  };
  spec.arithmetic = arithmetic;
  return spec;
}

}  // namespace attest
