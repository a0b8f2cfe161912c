// MatMul, Gemm and Softmax.
// SPDX-License-Identifier: Apache-2.0
// Source  ONNX Operator Schemas, opset 17.
#include "reference/balls.h"
#include "reference/elementary.h"
#include "reference/onnx/broadcast.h"
#include "reference/onnx/operators.h"

#include <Eigen/Core>

#include <algorithm>

namespace attest {
namespace {

using MatrixView = Eigen::Map<const Matrix>;

Status check_real(const OnnxCall& call) {
  for (std::size_t i = 0; i < call.count(); ++i) {
    if (call.optional(i) != nullptr && call.input(i).type != OnnxType::real)
      return call.refuse("arithmetic of what is not real", Code::unsupported);
  }
  return Done{};
}

/// The shape without its last two axes.
OnnxTensor stack_of(const OnnxTensor& tensor) {
  return {tensor.type, {tensor.shape.begin(), tensor.shape.end() - 2}, {}};
}

}  // namespace

Result<OnnxOutputs> run_matmul(const OnnxCall& call) {
  if (Status status = check_real(call); !status) return status.error();
  const OnnxTensor& a = call.input(0);
  const OnnxTensor& b = call.input(1);
  if (a.shape.size() < 2 || b.shape.size() < 2)
    return call.refuse("an input of less than 2 axes", Code::unsupported);
  const std::int64_t rows = a.shape.end()[-2];
  const std::int64_t depth = a.shape.back();
  const std::int64_t columns = b.shape.back();
  if (b.shape.end()[-2] != depth)
    return call.refuse(fmt::format("{} columns times {} rows", depth, b.shape.end()[-2]));
  const OnnxTensor stack_a = stack_of(a);
  const OnnxTensor stack_b = stack_of(b);
  ATTEST_TRY(const std::vector<std::int64_t> stack, broadcast_shape(call, {&stack_a, &stack_b}));
  std::vector<std::int64_t> shape = stack;
  shape.insert(shape.end(), {rows, columns});
  ATTEST_TRY(OnnxTensor out, call.zeros(OnnxType::real, std::move(shape)));
  const auto elements = static_cast<std::int64_t>(out.values.size());
  if (Status status = call.spend(elements, depth); !status) return status.error();
  if (elements == 0 || depth == 0) return OnnxOutputs{std::move(out)};
  BroadcastWalk walk(stack, {&stack_a.shape, &stack_b.shape});
  const auto step = static_cast<std::size_t>(rows * columns);
  for (std::size_t at = 0; at < out.values.size(); at += step, walk.next()) {
    const MatrixView left(
        a.values.data() + walk.place(0) * static_cast<std::size_t>(rows * depth), rows, depth);
    const MatrixView right(
        b.values.data() + walk.place(1) * static_cast<std::size_t>(depth * columns),
        depth,
        columns);
    Eigen::Map<Matrix>(out.values.data() + at, rows, columns) = product(left, right);
  }
  return OnnxOutputs{std::move(out)};
}

Result<OnnxOutputs> run_gemm(const OnnxCall& call) {
  if (Status status = check_real(call); !status) return status.error();
  ATTEST_TRY(const double alpha, call.attribute<double>("alpha", 1));
  ATTEST_TRY(const double beta, call.attribute<double>("beta", 1));
  ATTEST_TRY(const std::int64_t transpose_a, call.attribute<std::int64_t>("transA", 0));
  ATTEST_TRY(const std::int64_t transpose_b, call.attribute<std::int64_t>("transB", 0));
  const OnnxTensor& a = call.input(0);
  const OnnxTensor& b = call.input(1);
  if (a.shape.size() != 2 || b.shape.size() != 2) return call.refuse("a and b need two axes");
  Matrix left = MatrixView(a.values.data(), a.shape[0], a.shape[1]);
  Matrix right = MatrixView(b.values.data(), b.shape[0], b.shape[1]);
  if (transpose_a != 0) left = Matrix(left.transpose());
  if (transpose_b != 0) right = Matrix(right.transpose());
  if (left.cols() != right.rows())
    return call.refuse(fmt::format("{} columns times {} rows", left.cols(), right.rows()));
  ATTEST_TRY(OnnxTensor out, call.zeros(OnnxType::real, {left.rows(), right.cols()}));
  const auto elements = static_cast<std::int64_t>(out.values.size());
  if (Status status = call.spend(elements, left.cols()); !status) return status.error();
  if (elements > 0 && left.cols() > 0)
    Eigen::Map<Matrix>(out.values.data(), left.rows(), right.cols()) = alpha * product(left, right);
  if (const OnnxTensor* c = call.optional(2)) {
    ATTEST_TRY(const std::vector<std::int64_t> shape, broadcast_shape(call, {&out, c}));
    if (shape != out.shape) return call.refuse("c does not fit the product");
    BroadcastWalk walk(out.shape, {&c->shape});
    for (double& element : out.values) {
      element += beta * c->values[walk.place(0)];
      walk.next();
    }
  }
  return OnnxOutputs{std::move(out)};
}

Result<OnnxOutputs> run_softmax(const OnnxCall& call) {
  if (Status status = check_real(call); !status) return status.error();
  OnnxTensor out = call.input(0);
  ATTEST_TRY(const std::int64_t wanted, call.attribute<std::int64_t>("axis", -1));
  ATTEST_TRY(const std::size_t axis, call.axis(wanted, out.shape.size()));
  const AxisSplit split(out.shape, axis);
  if (out.values.empty()) return OnnxOutputs{std::move(out)};
  Eigen::ArrayXd row(static_cast<Eigen::Index>(split.size));
  for (std::size_t o = 0; o < split.outer; ++o) {
    for (std::size_t i = 0; i < split.inner; ++i) {
      Eigen::Map<Eigen::ArrayXd, 0, Eigen::InnerStride<>> place(
          out.values.data() + o * split.size * split.inner + i,
          row.size(),
          Eigen::InnerStride<>(static_cast<Eigen::Index>(split.inner)));
      row = place - place.maxCoeff();
      natural_exp(row.data(), row.data(), split.size);
      place = row / row.sum();
    }
  }
  return OnnxOutputs{std::move(out)};
}

}  // namespace attest
