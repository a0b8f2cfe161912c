// Operators that work element by element, with broadcasting.
// SPDX-License-Identifier: Apache-2.0
// Source  ONNX Operator Schemas, opset 17, and "Broadcasting in ONNX" (multidirectional).
#include "reference/onnx/broadcast.h"
#include "reference/onnx/operators.h"

#include <onnx/onnx_pb.h>

#include <cmath>

namespace attest {
namespace {

template <class Function>
Result<OnnxOutputs> combine(const OnnxCall& call, OnnxType type, Function function) {
  const OnnxTensor& a = call.input(0);
  const OnnxTensor& b = call.input(1);
  if (a.type != b.type) return call.refuse("inputs of two types");
  ATTEST_TRY(std::vector<std::int64_t> shape, broadcast_shape(call, {&a, &b}));
  ATTEST_TRY(OnnxTensor out, call.zeros(type, std::move(shape)));
  BroadcastWalk walk(out.shape, {&a.shape, &b.shape});
  for (double& element : out.values) {
    element = function(a.values[walk.place(0)], b.values[walk.place(1)]);
    walk.next();
  }
  return OnnxOutputs{std::move(out)};
}

template <class Function>
Result<OnnxOutputs> calculate(const OnnxCall& call, Function function) {
  if (call.input(0).type != OnnxType::real)
    return call.refuse("arithmetic of what is not real", Code::unsupported);
  return combine(call, OnnxType::real, function);
}

}  // namespace

Result<OnnxOutputs> run_add(const OnnxCall& call) {
  return calculate(call, [](double a, double b) { return a + b; });
}

Result<OnnxOutputs> run_mul(const OnnxCall& call) {
  return calculate(call, [](double a, double b) { return a * b; });
}

Result<OnnxOutputs> run_div(const OnnxCall& call) {
  return calculate(call, [](double a, double b) { return a / b; });
}

Result<OnnxOutputs> run_equal(const OnnxCall& call) {
  return combine(call, OnnxType::boolean, [](double a, double b) { return a == b ? 1.0 : 0.0; });
}

Result<OnnxOutputs> run_where(const OnnxCall& call) {
  const OnnxTensor& condition = call.input(0);
  const OnnxTensor& a = call.input(1);
  const OnnxTensor& b = call.input(2);
  if (condition.type != OnnxType::boolean) return call.refuse("the condition is not boolean");
  if (a.type != b.type) return call.refuse("inputs of two types");
  ATTEST_TRY(std::vector<std::int64_t> shape, broadcast_shape(call, {&condition, &a, &b}));
  ATTEST_TRY(OnnxTensor out, call.zeros(a.type, std::move(shape)));
  BroadcastWalk walk(out.shape, {&condition.shape, &a.shape, &b.shape});
  for (double& element : out.values) {
    element =
        condition.values[walk.place(0)] != 0 ? a.values[walk.place(1)] : b.values[walk.place(2)];
    walk.next();
  }
  return OnnxOutputs{std::move(out)};
}

// Between reals nothing is rounded (evaluate.h).
Result<OnnxOutputs> run_cast(const OnnxCall& call) {
  ATTEST_TRY(const std::int64_t to, call.attribute<std::int64_t>("to", 0));
  OnnxTensor out = call.input(0);
  if (to == onnx::TensorProto::BOOL) {
    for (double& element : out.values)
      element = element != 0 ? 1 : 0;
    out.type = OnnxType::boolean;
  } else if (to == onnx::TensorProto::FLOAT || to == onnx::TensorProto::DOUBLE) {
    out.type = OnnxType::real;
  } else {
    return call.refuse(fmt::format("to type {}, allowed: bool, float, double", to),
                       Code::unsupported);
  }
  return OnnxOutputs{std::move(out)};
}

}  // namespace attest
