// What follows directly from the fields of an operation: names, buffers, layouts.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/operation.h"

#include "harness/base/check.h"

namespace attest {
namespace {

using Shape = std::array<std::int64_t, 4>;

TensorLayout placed(Dtype dtype, const Shape& shape, const Placement& placement) {
  const auto [batch, heads, rows, columns] = shape;
  TensorLayout layout;
  layout.dtype = dtype;
  layout.shape = shape;
  if (placement.layout == Layout::bshd) {
    const std::int64_t row = heads * columns + placement.gap;
    layout.strides = {rows * row, columns, row, 1};
  } else {
    const std::int64_t row = columns + placement.gap;
    layout.strides = {heads * rows * row, rows * row, row, 1};
  }
  return layout;
}

bool is_output(OperationBuffer buffer) {
  return buffer == OperationBuffer::c || buffer == OperationBuffer::c1 ||
         buffer == OperationBuffer::c2;
}

/// 0, 1, 2 of the parts of C.
std::int64_t part(OperationBuffer buffer) {
  return static_cast<std::int64_t>(buffer) - static_cast<std::int64_t>(OperationBuffer::c);
}

// Whether the operation reads this input.
bool reads(const Gemm& gemm, OperationBuffer buffer) {
  return buffer == OperationBuffer::a || buffer == OperationBuffer::b ||
         (buffer == OperationBuffer::bias && gemm.has_bias) ||
         (buffer == OperationBuffer::mask && gemm.has_mask);
}
bool reads(const MaskSoftmax& softmax, OperationBuffer buffer) {
  return buffer == OperationBuffer::a || (buffer == OperationBuffer::mask && softmax.has_mask);
}
bool reads(const BiasSplit&, OperationBuffer buffer) {
  return buffer == OperationBuffer::a || buffer == OperationBuffer::bias;
}
bool reads(const Elementwise& step, OperationBuffer buffer) {
  if (buffer == OperationBuffer::a) return step.kind != ElementwiseKind::equals_zero;
  return buffer == OperationBuffer::mask && step.kind != ElementwiseKind::scale;
}

TensorLayout gemm_layout(const Gemm& g, OperationBuffer buffer) {
  std::int64_t rows = g.m;
  std::int64_t columns = g.n / g.split;
  const Placement* placement = &g.c;
  if (buffer == OperationBuffer::a) {
    rows = g.transpose_a ? g.k : g.m;
    columns = g.transpose_a ? g.m : g.k;
    placement = &g.a;
  } else if (buffer == OperationBuffer::b) {
    rows = g.transpose_b ? g.n : g.k;
    columns = g.transpose_b ? g.k : g.n;
    placement = &g.b;
  }
  return placed(g.dtype, {g.batch, g.heads, rows, columns}, *placement);
}

}  // namespace

std::string_view name(ElementwiseKind kind) {
  switch (kind) {
    case ElementwiseKind::scale:
      return "scale";
    case ElementwiseKind::equals_zero:
      return "equals_zero";
    case ElementwiseKind::masked_fill:
      return "masked_fill";
  }
  fail_check("the elementwise step has a name", __FILE__, __LINE__);
}

std::string_view name(OperationBuffer buffer) {
  constexpr std::array<std::string_view, kOperationBuffers> kNames = {
      "a", "b", "bias", "mask", "c", "c1", "c2"};
  return kNames.at(static_cast<std::size_t>(buffer));
}

Dtype dtype(const Operation& operation) {
  return std::visit([](const auto& op) { return op.dtype; }, operation);
}

std::uint64_t seed(const Operation& operation) {
  return std::visit([](const auto& op) { return op.seed; }, operation);
}

std::array<std::int64_t, 4> result_shape(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> Shape {
        if constexpr (requires { op.heads; }) {
          return {op.batch, op.heads, op.m, op.n};
        } else {
          return {1, 1, op.m, op.n};
        }
      },
      operation);
}

std::int64_t split(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> std::int64_t {
        if constexpr (requires { op.split; }) {
          return op.split;
        } else {
          return 1;
        }
      },
      operation);
}

bool has_buffer(const Operation& operation, OperationBuffer buffer) {
  if (is_output(buffer)) return part(buffer) < split(operation);
  return std::visit([&](const auto& op) { return reads(op, buffer); }, operation);
}

bool holds_bytes(const Operation& operation, OperationBuffer buffer) {
  if (buffer == OperationBuffer::mask) return true;
  const auto* const step = std::get_if<Elementwise>(&operation);
  return is_output(buffer) && step != nullptr && step->kind == ElementwiseKind::equals_zero;
}

TensorLayout buffer_layout(const Operation& operation, OperationBuffer buffer) {
  ATTEST_CHECK(has_buffer(operation, buffer) && !holds_bytes(operation, buffer));
  const auto [batch, heads, m, n] = result_shape(operation);
  const Dtype type = dtype(operation);
  if (buffer == OperationBuffer::bias) return placed(type, {1, 1, 1, n}, {});
  if (const auto* const gemm = std::get_if<Gemm>(&operation)) return gemm_layout(*gemm, buffer);
  const std::int64_t columns = is_output(buffer) ? n / split(operation) : n;
  return placed(type, {batch, heads, m, columns}, {});
}

std::int64_t buffer_bytes(const Operation& operation, OperationBuffer buffer) {
  if (!has_buffer(operation, buffer)) return 0;
  if (holds_bytes(operation, buffer)) {
    const auto [batch, heads, m, n] = result_shape(operation);
    return batch * m * n;
  }
  const TensorLayout layout = buffer_layout(operation, buffer);
  return layout.span_elements() * size_bytes(layout.dtype);
}

}  // namespace attest
