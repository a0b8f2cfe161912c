// mask_softmax: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_abi.h"
#include "kernels/operation_launch.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <variant>

namespace attest {
namespace embedded {
std::string_view mask_softmax();
std::string_view mask_softmax_ptxas();
}  // namespace embedded

namespace {

static_assert(std::is_standard_layout_v<MaskSoftmaxParams>);
static_assert(sizeof(MaskSoftmaxParams) == 48 && offsetof(MaskSoftmaxParams, rows) == 24);
static_assert(offsetof(MaskSoftmaxParams, heads) == 28 && offsetof(MaskSoftmaxParams, fill) == 44);

// As mask_softmax.cu divides them: a warp has a row of up to kWarpColumns, a thread up to 32 of it.
constexpr std::int64_t kWarpColumns = 1024;
constexpr std::int64_t kThreadColumns = 32;
constexpr std::int64_t kWarpRows = 4;
constexpr std::uint32_t kFewThreads = 128;
constexpr std::uint32_t kManyThreads = 512;

std::optional<std::string> refusal(const OperationSpec& spec, const Operation& operation) {
  const auto* const softmax = std::get_if<MaskSoftmax>(&operation);
  if (softmax == nullptr) return "not a mask_softmax";
  if (const auto reason = refuse_dtype(spec, softmax->dtype)) return reason;
  if (const auto reason = refuse_sizes({{"b", softmax->batch, kMaxElements},
                                        {"h", softmax->heads, kMaxElements},
                                        {"m", softmax->m, kMaxElements},
                                        {"n", softmax->n, kMaxElements}})) {
    return reason;
  }
  const std::int64_t sizes[] = {softmax->batch, softmax->heads, softmax->m, softmax->n};
  if (const auto reason = refuse_product("b*h*m*n", sizes)) return reason;
  if (softmax->has_mask && !std::isfinite(softmax->fill)) {
    return fmt::format("fill={} (only finite)", softmax->fill);
  }
  if (!std::isfinite(softmax->scale)) return fmt::format("scale={} (only finite)", softmax->scale);
  return std::nullopt;
}

Launch plan(const KernelImage& image, const Operation& operation) {
  const MaskSoftmax& softmax = std::get<MaskSoftmax>(operation);
  MaskSoftmaxParams params{};
  params.rows = static_cast<int>(softmax.batch * softmax.heads * softmax.m);
  params.heads = static_cast<int>(softmax.heads);
  params.m = static_cast<int>(softmax.m);
  params.n = static_cast<int>(softmax.n);
  params.scale = static_cast<float>(softmax.scale);
  params.fill = static_cast<float>(softmax.fill);
  const bool is_alone = !softmax.has_mask && softmax.scale == 1;
  Launch launch = operation_launch(
      image,
      fmt::format("{}_{}", is_alone ? "softmax" : "mask_softmax", name(softmax.dtype)),
      params);
  const bool has_warp_rows = softmax.n <= kWarpColumns;
  const std::int64_t rows_of_a_block = has_warp_rows ? kWarpRows : 1;
  launch.grid = {static_cast<std::uint32_t>(ceil_div(params.rows, rows_of_a_block)), 1, 1};
  launch.block = {softmax.n <= kFewThreads * kThreadColumns ? kFewThreads : kManyThreads, 1, 1};
  relocate(launch, offsetof(MaskSoftmaxParams, s), OperationBuffer::a);
  if (softmax.has_mask) relocate(launch, offsetof(MaskSoftmaxParams, mask), OperationBuffer::mask);
  relocate(launch, offsetof(MaskSoftmaxParams, p), OperationBuffer::c);
  return launch;
}

}  // namespace

OperationSpec operation_spec_mask_softmax() {
  OperationSpec spec;
  spec.name = "mask_softmax";
  spec.image = {"mask_softmax", embedded::mask_softmax()};
  spec.ptxas = embedded::mask_softmax_ptxas();
  spec.dtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};
  spec.tile_m = kWarpRows;
  spec.tile_n = kWarpColumns;
  spec.refusal = [claimed = spec](const Operation& operation) {
    return refusal(claimed, operation);
  };
  spec.plan = plan;
  // ex2.approx.f32: relative error at most 2^-22, which is 2 ulp (PTX ISA 9.0, 9.7.3.21). Its
  // argument is (x - max) * log2(e), x = scale * s: each of the three rounded once.
  spec.arithmetic = [](const Operation&) {
    return Arithmetic{.accumulate = Accumulate::fma_f32, .exp_ulps = 2};
  };
  return spec;
}

}  // namespace attest
