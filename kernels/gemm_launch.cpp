// Claims, parameter block and grid of the GEMM kernels.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_launch.h"

#include "kernels/operation_abi.h"
#include "kernels/operation_launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <variant>

namespace attest {
namespace {

static_assert(std::is_standard_layout_v<GemmParams> && std::is_trivially_copyable_v<GemmParams>);
static_assert(sizeof(MatrixStrides) == 24 && sizeof(GemmParams) == 160);
static_assert(offsetof(GemmParams, c2) == 48 && offsetof(GemmParams, a_strides) == 56);
static_assert(offsetof(GemmParams, heads) == 128 && offsetof(GemmParams, fill) == 152);

/// Strides of a tensor [.., heads, rows, columns].
MatrixStrides strides(const Placement& placement,
                      std::int64_t heads,
                      std::int64_t rows,
                      std::int64_t columns) {
  if (placement.layout == Layout::bshd) {
    const std::int64_t row = heads * columns + placement.gap;
    return {.batch = rows * row, .head = columns, .row = row};
  }
  const std::int64_t row = columns + placement.gap;
  return {.batch = heads * rows * row, .head = rows * row, .row = row};
}

/// In double: sizes of up to kMaxExtent each do not overflow.
double elements(const Placement& placement,
                const Gemm& gemm,
                std::int64_t rows,
                std::int64_t columns) {
  const auto heads = static_cast<double>(gemm.heads);
  const auto gap = static_cast<double>(placement.gap);
  const double row = placement.layout == Layout::bshd
                         ? heads * static_cast<double>(columns) + gap
                         : heads * (static_cast<double>(columns) + gap);
  return static_cast<double>(gemm.batch) * static_cast<double>(rows) * row;
}

std::optional<std::string> refuse_placements(const Gemm& gemm) {
  struct Matrix {
    std::string_view name;
    const Placement& placement;
    std::int64_t rows;
    std::int64_t columns;
  };
  for (const Matrix& matrix : {Matrix{"a", gemm.a, gemm.m, gemm.k},
                               Matrix{"b", gemm.b, gemm.k, gemm.n},
                               Matrix{"c", gemm.c, gemm.m, gemm.n}}) {
    if (matrix.placement.gap < 0) {
      return fmt::format("gap of {}={} (at least 0)", matrix.name, matrix.placement.gap);
    }
    const double most = std::max(elements(matrix.placement, gemm, matrix.rows, matrix.columns),
                                 elements(matrix.placement, gemm, matrix.columns, matrix.rows));
    if (most > static_cast<double>(kMaxElements)) {
      return fmt::format("{} has more than {} elements", matrix.name, kMaxElements);
    }
  }
  return std::nullopt;
}

GemmParams parameters(const Gemm& gemm) {
  GemmParams params{};
  params.a_strides = strides(
      gemm.a, gemm.heads, gemm.transpose_a ? gemm.k : gemm.m, gemm.transpose_a ? gemm.m : gemm.k);
  params.b_strides = strides(
      gemm.b, gemm.heads, gemm.transpose_b ? gemm.n : gemm.k, gemm.transpose_b ? gemm.k : gemm.n);
  params.c_strides = strides(gemm.c, gemm.heads, gemm.m, gemm.n / gemm.split);
  params.heads = static_cast<int>(gemm.heads);
  params.m = static_cast<int>(gemm.m);
  params.n = static_cast<int>(gemm.n);
  params.k = static_cast<int>(gemm.k);
  params.split_columns = static_cast<int>(gemm.n / gemm.split);
  params.alpha = static_cast<float>(gemm.alpha);
  params.fill = static_cast<float>(gemm.fill);
  return params;
}

}  // namespace

std::optional<std::string> refuse_gemm(const OperationSpec& spec, const Operation& operation) {
  const auto* const gemm = std::get_if<Gemm>(&operation);
  if (gemm == nullptr) return "not a gemm";
  if (const auto reason = refuse_dtype(spec, gemm->dtype)) return reason;
  const std::int64_t limit_n = std::min(kMaxExtent, kMaxGridYZ * spec.tile_n);
  if (const auto reason = refuse_sizes({{"b", gemm->batch, kMaxGridYZ},
                                        {"h", gemm->heads, kMaxGridYZ},
                                        {"m", gemm->m, kMaxExtent},
                                        {"n", gemm->n, limit_n},
                                        {"k", gemm->k, kMaxExtent}})) {
    return reason;
  }
  if (gemm->batch * gemm->heads > kMaxGridYZ) {
    return fmt::format("b*h={} (at most {})", gemm->batch * gemm->heads, kMaxGridYZ);
  }
  if (const auto reason = refuse_split(gemm->n, gemm->split)) return reason;
  if (const auto reason = refuse_placements(*gemm)) return reason;
  if (std::isnan(gemm->fill)) return "fill=nan";
  return std::nullopt;
}

std::string transposition(const Gemm& gemm) {
  return {gemm.transpose_a ? 't' : 'n', gemm.transpose_b ? 't' : 'n'};
}

Launch plan_gemm(const KernelImage& image, const Gemm& gemm, const GemmLaunch& launch) {
  Launch result = operation_launch(image, launch.entry, parameters(gemm));
  result.grid = {static_cast<std::uint32_t>(ceil_div(gemm.m, launch.tile_m)),
                 static_cast<std::uint32_t>(ceil_div(gemm.n, launch.tile_n)),
                 static_cast<std::uint32_t>(gemm.batch * gemm.heads)};
  result.block = {launch.threads, 1, 1};
  relocate(result, offsetof(GemmParams, a), OperationBuffer::a);
  relocate(result, offsetof(GemmParams, b), OperationBuffer::b);
  if (gemm.has_bias) relocate(result, offsetof(GemmParams, bias), OperationBuffer::bias);
  if (gemm.has_mask) relocate(result, offsetof(GemmParams, mask), OperationBuffer::mask);
  relocate(result, offsetof(GemmParams, c), OperationBuffer::c);
  if (gemm.split > 1) relocate(result, offsetof(GemmParams, c1), OperationBuffer::c1);
  if (gemm.split > 2) relocate(result, offsetof(GemmParams, c2), OperationBuffer::c2);
  return result;
}

}  // namespace attest
