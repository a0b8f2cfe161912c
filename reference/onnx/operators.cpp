// The table of operators, and what they share.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/operators.h"

#include "reference/onnx/evaluate.h"

#include <algorithm>

namespace attest {
namespace {

constexpr std::array kOperators = {
    OnnxOperator{"Add", 2, 2, run_add},
    OnnxOperator{"Cast", 1, 1, run_cast},
    OnnxOperator{"Constant", 0, 0, run_constant},
    OnnxOperator{"Div", 2, 2, run_div},
    OnnxOperator{"Equal", 2, 2, run_equal},
    OnnxOperator{"Gemm", 2, 3, run_gemm},
    OnnxOperator{"MatMul", 2, 2, run_matmul},
    OnnxOperator{"Mul", 2, 2, run_mul},
    OnnxOperator{"Reshape", 2, 2, run_reshape},
    OnnxOperator{"Slice", 3, 5, run_slice},
    OnnxOperator{"Softmax", 1, 1, run_softmax},
    OnnxOperator{"Split", 1, 2, run_split},
    OnnxOperator{"Transpose", 1, 1, run_transpose},
    OnnxOperator{"Where", 3, 3, run_where},
};

}  // namespace

const OnnxOperator* find_onnx_operator(const std::string& type) {
  for (const OnnxOperator& known : kOperators)
    if (type == known.type) return &known;
  return nullptr;
}

std::string onnx_operator_names() {
  std::string names;
  for (const OnnxOperator& known : kOperators)
    names += (names.empty() ? "" : ", ") + std::string(known.type);
  return names;
}

Result<OnnxTensor> OnnxCall::zeros(OnnxType type, std::vector<std::int64_t> shape) const {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return refuse(fmt::format("size {} of the output", size));
    if (size > 0 && elements > kMaxOnnxValue / size) {
      return refuse(fmt::format("output of more than {} elements", kMaxOnnxValue), Code::limit);
    }
    elements *= size;
  }
  return OnnxTensor{
      type, std::move(shape), std::vector<double>(static_cast<std::size_t>(elements))};
}

Status OnnxCall::spend(std::int64_t outputs, std::int64_t depth) const {
  if (depth > 0 && outputs > work_ / depth)
    return refuse(fmt::format("more than {} products of all nodes", kMaxOnnxWork), Code::limit);
  work_ -= outputs * depth;
  return Done{};
}

Result<std::size_t> OnnxCall::axis(std::int64_t axis, std::size_t rank) const {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < -axes || axis >= axes)
    return refuse(fmt::format("axis {}, allowed: from {} to {}", axis, -axes, axes - 1));
  return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

Result<std::vector<std::int64_t>> OnnxCall::integers(std::size_t at) const {
  const OnnxTensor& tensor = input(at);
  if (tensor.type != OnnxType::integer || tensor.shape.size() > 1)
    return refuse(fmt::format("input {} is not a list of integers", at));
  std::vector<std::int64_t> out;
  for (const double value : tensor.values) {
    // The ends of int64 stand for "to the end"; a double cannot hold the upper one.
    out.push_back(static_cast<std::int64_t>(std::clamp(value, -0x1p62, 0x1p62)));
  }
  return out;
}

AxisSplit::AxisSplit(const std::vector<std::int64_t>& shape, std::size_t at) {
  for (std::size_t i = 0; i < at; ++i)
    outer *= static_cast<std::size_t>(shape[i]);
  size = static_cast<std::size_t>(shape[at]);
  for (std::size_t i = at + 1; i < shape.size(); ++i)
    inner *= static_cast<std::size_t>(shape[i]);
}

}  // namespace attest
