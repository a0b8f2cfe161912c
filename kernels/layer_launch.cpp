// Claims, parameter block and grid of layer_single.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_launch.h"

#include "harness/base/check.h"
#include "kernels/layer_abi.h"
#include "kernels/operation_launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace attest {
namespace embedded {
std::string_view layer_single();
std::string_view layer_single_ptxas();
}  // namespace embedded

namespace {

static_assert(std::is_standard_layout_v<LayerParams> && std::is_trivially_copyable_v<LayerParams>);
static_assert(sizeof(LayerParams) == 96 && offsetof(LayerParams, batch) == 72);

constexpr std::int64_t kMaxHeadDim = 1024;
constexpr double kMaxFill = 2e38;  // times log2(e) it is still finite in f32
constexpr std::int64_t kThreads = 128;
constexpr std::int64_t kGemmTile = 64;  // rows and columns, in gemm_mma.cuh and gemm_f32.cuh
constexpr std::int64_t kSlabColumns = 128;

// sm_80: per multiprocessor, and what the system keeps of every block's.
constexpr std::int64_t kSharedBytes = 164 * 1024;
constexpr std::int64_t kReservedBytes = 1024;
constexpr std::int64_t kMaxBlocks = 2;  // per multiprocessor, by registers

/// One entry of layer_single.cu.
struct Entry {
  std::int64_t head_dim;  // at most
  std::int64_t rows;      // of an attention tile
};

Entry entry_of(const LayerProblem& problem) {
  const std::int64_t d = problem.head_dim();
  if (problem.dtype == Dtype::f32) return {.head_dim = d <= 256 ? 256 : 1024, .rows = 16};
  if (d <= 128) return {.head_dim = 128, .rows = 64};
  return d <= 512 ? Entry{.head_dim = 512, .rows = 32} : Entry{.head_dim = 1024, .rows = 16};
}

/// The attention's, as attention_wide_mma.cuh and attention_wide_f32.cuh lay it out; the products
/// need 32 KiB at most.
std::int64_t shared_bytes(const LayerProblem& problem) {
  const std::int64_t slabs = ceil_div(problem.head_dim(), kSlabColumns);
  const std::int64_t rows = entry_of(problem).rows;
  if (problem.dtype == Dtype::f32) {
    return 4 * ((3 * 32 + slabs * rows) * (kSlabColumns + 4) + 5 * rows * 40);
  }
  return 2 * ((3 * 64 + slabs * rows) * kSlabColumns + rows * 64) + 256;
}

std::int64_t most_tiles(const LayerProblem& problem) {
  const std::int64_t products =
      ceil_div(problem.batch * problem.seq, kGemmTile) * ceil_div(3 * problem.dim, kGemmTile);
  const std::int64_t attention =
      ceil_div(problem.seq, entry_of(problem).rows) * problem.heads * problem.batch;
  return std::max(products, attention);
}

std::int64_t most_resident(const LayerProblem& problem, std::int64_t multiprocessors) {
  const std::int64_t fit = kSharedBytes / (shared_bytes(problem) + kReservedBytes);
  return std::min(fit, kMaxBlocks) * multiprocessors;
}

void relocate(Launch& launch, std::size_t offset, int buffer) {
  launch.relocations.push_back({static_cast<std::int64_t>(offset), buffer, 0});
}

void relocate_all(Launch& launch) {
  const auto add = [&launch](std::size_t offset, auto buffer) {
    relocate(launch, offset, static_cast<int>(buffer));
  };
  add(offsetof(LayerParams, x), LayerBuffer::x);
  add(offsetof(LayerParams, w_qkv), LayerBuffer::w_qkv);
  add(offsetof(LayerParams, b_qkv), LayerBuffer::b_qkv);
  add(offsetof(LayerParams, w_out), LayerBuffer::w_out);
  add(offsetof(LayerParams, b_out), LayerBuffer::b_out);
  add(offsetof(LayerParams, mask), LayerBuffer::mask);
  add(offsetof(LayerParams, y), LayerBuffer::y);
  add(offsetof(LayerParams, qkv), LayerWorkspace::qkv);
  add(offsetof(LayerParams, o), LayerWorkspace::o);
}

}  // namespace

std::int64_t size_bytes(const LayerProblem& problem, LayerWorkspace workspace) {
  const std::int64_t elements = problem.batch * problem.seq * problem.dim;
  return (workspace == LayerWorkspace::qkv ? 3 : 1) * elements * size_bytes(problem.dtype);
}

std::optional<std::string> refuse_layer(const LayerProblem& problem) {
  // Every tensor has kMaxElements at most; so no product below overflows.
  constexpr std::int64_t kMaxDim = 8192;
  if (auto reason = refuse_sizes({{"b", problem.batch, kMaxElements},
                                  {"s", problem.seq, kMaxElements},
                                  {"d", problem.dim, kMaxDim},
                                  {"h", problem.heads, problem.dim}})) {
    return reason;
  }
  if (problem.dim % problem.heads != 0) {
    return fmt::format("d={} not a multiple of h={}", problem.dim, problem.heads);
  }
  const std::int64_t head_dim = problem.head_dim();
  if (head_dim % 8 != 0 || head_dim > kMaxHeadDim) {
    return fmt::format("d/h={} (only multiples of 8 up to {})", head_dim, kMaxHeadDim);
  }
  const std::int64_t widest = std::max(problem.dim, problem.seq);
  if (problem.batch > kMaxElements / problem.seq / widest) {
    return fmt::format("b*s*{}={} (at most {})",
                       problem.dim >= problem.seq ? "d" : "s",
                       static_cast<double>(problem.batch) * static_cast<double>(problem.seq) *
                           static_cast<double>(widest),
                       kMaxElements);
  }
  if (std::isnan(problem.fill) || problem.fill > kMaxFill ||
      (std::isfinite(problem.fill) && problem.fill < -kMaxFill)) {
    return fmt::format("fill={} (-inf, or at most {} in size)", problem.fill, kMaxFill);
  }
  return std::nullopt;
}

Launch plan_layer_single(const LayerProblem& problem, std::int64_t multiprocessors) {
  ATTEST_CHECK(multiprocessors > 0);
  LayerParams params{};
  params.batch = static_cast<int>(problem.batch);
  params.seq = static_cast<int>(problem.seq);
  params.dim = static_cast<int>(problem.dim);
  params.heads = static_cast<int>(problem.heads);
  params.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(problem.head_dim())));
  params.fill = static_cast<float>(problem.fill);

  Launch launch;
  launch.image = {"layer_single", embedded::layer_single()};
  launch.entry =
      fmt::format("layer_single_{}_d{}", name(problem.dtype), entry_of(problem).head_dim);
  const std::int64_t blocks =
      std::min(most_tiles(problem), most_resident(problem, multiprocessors));
  launch.grid = {static_cast<std::uint32_t>(blocks), 1, 1};
  launch.block = {kThreads, 1, 1};
  launch.dynamic_shared_bytes = shared_bytes(problem);
  launch.is_cooperative = true;
  launch.parameters.resize(sizeof params);
  std::memcpy(launch.parameters.data(), &params, sizeof params);
  relocate_all(launch);
  return launch;
}

Arithmetic layer_single_arithmetic(const LayerProblem& problem) {
  const bool is_f32 = problem.dtype == Dtype::f32;
  return {.accumulate = is_f32 ? Accumulate::fma_f32 : Accumulate::tensor_core_f32,
          .probability = problem.dtype,
          .sum_of_rounded_p = false,
          .kv_tile = is_f32 ? 32 : 64,
          .exp_ulps = 2};
}

std::string_view layer_single_ptxas() {
  return embedded::layer_single_ptxas();
}

}  // namespace attest
