// elementwise: what it claims, how it is launched, what its arithmetic is.
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
std::string_view elementwise();
std::string_view elementwise_ptxas();
}  // namespace embedded

namespace {

static_assert(std::is_standard_layout_v<ElementwiseParams>);
static_assert(sizeof(ElementwiseParams) == 40 && offsetof(ElementwiseParams, count) == 24);
static_assert(offsetof(ElementwiseParams, heads) == 32);

constexpr std::int64_t kThreads = 128;  // each with 16 bytes

std::optional<std::string> refusal(const OperationSpec& spec, const Operation& operation) {
  const auto* const step = std::get_if<Elementwise>(&operation);
  if (step == nullptr) return "not elementwise";
  const bool has_elements = step->kind != ElementwiseKind::equals_zero;
  if (has_elements) {
    if (const auto reason = refuse_dtype(spec, step->dtype)) return reason;
    if (std::isnan(step->alpha)) return "alpha=nan";
  }
  const std::int64_t sizes[] = {step->batch, step->heads, step->m, step->n};
  if (const auto reason = refuse_sizes({{"b", step->batch, kMaxGridYZ},
                                        {"h", step->heads, kMaxGridYZ},
                                        {"m", step->m, kMaxElements},
                                        {"n", step->n, kMaxElements}})) {
    return reason;
  }
  if (has_elements && step->batch * step->heads > kMaxGridYZ) {
    return fmt::format("b*h={} (at most {})", step->batch * step->heads, kMaxGridYZ);
  }
  return refuse_product("b*h*m*n", sizes);
}

struct Step {
  std::string entry;
  std::int64_t element_bytes = 1;
  std::int64_t matrices = 1;
};

Step step_of(const Elementwise& step) {
  const std::int64_t matrices = step.batch * step.heads;
  switch (step.kind) {
    case ElementwiseKind::scale:
      return {fmt::format("scale_{}", name(step.dtype)), size_bytes(step.dtype), matrices};
    case ElementwiseKind::equals_zero:
      return {"equals_zero", 1, step.batch};
    case ElementwiseKind::masked_fill:
      return {fmt::format("masked_fill_{}", name(step.dtype)), size_bytes(step.dtype), matrices};
  }
  return {};
}

Launch plan(const KernelImage& image, const Operation& operation) {
  const Elementwise& elementwise = std::get<Elementwise>(operation);
  const Step step = step_of(elementwise);
  ElementwiseParams params{};
  params.count = elementwise.m * elementwise.n;
  params.heads = static_cast<int>(elementwise.heads);
  params.alpha = static_cast<float>(elementwise.alpha);
  Launch launch = operation_launch(image, step.entry, params);
  const std::int64_t elements_of_a_block = kThreads * (16 / step.element_bytes);
  launch.grid = {static_cast<std::uint32_t>(ceil_div(params.count, elements_of_a_block)),
                 static_cast<std::uint32_t>(step.matrices),
                 1};
  launch.block = {kThreads, 1, 1};
  if (elementwise.kind != ElementwiseKind::equals_zero) {
    relocate(launch, offsetof(ElementwiseParams, x), OperationBuffer::a);
  }
  if (elementwise.kind != ElementwiseKind::scale) {
    relocate(launch, offsetof(ElementwiseParams, mask), OperationBuffer::mask);
  }
  relocate(launch, offsetof(ElementwiseParams, y), OperationBuffer::c);
  return launch;
}

}  // namespace

OperationSpec operation_spec_elementwise() {
  OperationSpec spec;
  spec.name = "elementwise";
  spec.image = {"elementwise", embedded::elementwise()};
  spec.ptxas = embedded::elementwise_ptxas();
  spec.dtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};
  spec.tile_n = 16;  // elements of a thread, at most
  spec.refusal = [claimed = spec](const Operation& operation) {
    return refusal(claimed, operation);
  };
  spec.plan = plan;
  // scale rounds the product to f32, then to the dtype; the others are exact.
  spec.arithmetic = [](const Operation&) { return Arithmetic{.accumulate = Accumulate::fma_f32}; };
  return spec;
}

}  // namespace attest
