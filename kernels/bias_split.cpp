// bias_split: what it claims, how it is launched, what its arithmetic is.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/operation_abi.h"
#include "kernels/operation_launch.h"

#include <fmt/format.h>

#include <cstddef>
#include <type_traits>
#include <variant>

namespace attest {
namespace embedded {
std::string_view bias_split();
std::string_view bias_split_ptxas();
}  // namespace embedded

namespace {

static_assert(std::is_standard_layout_v<BiasSplitParams>);
static_assert(sizeof(BiasSplitParams) == 56 && offsetof(BiasSplitParams, y2) == 32);
static_assert(offsetof(BiasSplitParams, m) == 40 && offsetof(BiasSplitParams, split_columns) == 48);

constexpr std::int64_t kThreads = 128;  // each with 16 bytes of a row
constexpr std::int64_t kRows = 8;       // of a block

std::int64_t columns_of_a_block(Dtype dtype) {
  return kThreads * (16 / size_bytes(dtype));
}

std::optional<std::string> refusal(const OperationSpec& spec, const Operation& operation) {
  const auto* const add = std::get_if<BiasSplit>(&operation);
  if (add == nullptr) return "not a bias_split";
  if (const auto reason = refuse_dtype(spec, add->dtype)) return reason;
  const std::int64_t sizes[] = {add->m, add->n};
  const std::int64_t limit_n = kMaxGridYZ * columns_of_a_block(add->dtype);
  if (const auto reason = refuse_sizes({{"m", add->m, kMaxElements}, {"n", add->n, limit_n}})) {
    return reason;
  }
  if (const auto reason = refuse_product("m*n", sizes)) return reason;
  return refuse_split(add->n, add->split);
}

Launch plan(const KernelImage& image, const Operation& operation) {
  const BiasSplit& add = std::get<BiasSplit>(operation);
  BiasSplitParams params{};
  params.m = static_cast<int>(add.m);
  params.n = static_cast<int>(add.n);
  params.split_columns = static_cast<int>(add.n / add.split);
  Launch launch = operation_launch(image, fmt::format("bias_split_{}", name(add.dtype)), params);
  launch.grid = {static_cast<std::uint32_t>(ceil_div(add.m, kRows)),
                 static_cast<std::uint32_t>(ceil_div(add.n, columns_of_a_block(add.dtype))),
                 1};
  launch.block = {kThreads, 1, 1};
  relocate(launch, offsetof(BiasSplitParams, x), OperationBuffer::a);
  relocate(launch, offsetof(BiasSplitParams, bias), OperationBuffer::bias);
  relocate(launch, offsetof(BiasSplitParams, y), OperationBuffer::c);
  if (add.split > 1) relocate(launch, offsetof(BiasSplitParams, y1), OperationBuffer::c1);
  if (add.split > 2) relocate(launch, offsetof(BiasSplitParams, y2), OperationBuffer::c2);
  return launch;
}

}  // namespace

OperationSpec operation_spec_bias_split() {
  OperationSpec spec;
  spec.name = "bias_split";
  spec.image = {"bias_split", embedded::bias_split()};
  spec.ptxas = embedded::bias_split_ptxas();
  spec.dtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};
  spec.tile_m = kRows;
  spec.tile_n = columns_of_a_block(Dtype::f16);
  spec.refusal = [claimed = spec](const Operation& operation) {
    return refusal(claimed, operation);
  };
  spec.plan = plan;
  // The sum is rounded to f32, then to the dtype.
  spec.arithmetic = [](const Operation&) { return Arithmetic{.accumulate = Accumulate::fma_f32}; };
  return spec;
}

}  // namespace attest
