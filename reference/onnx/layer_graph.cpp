// evaluate_layer_graph: x and mask in, y out.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/layer_graph.h"

#include "reference/onnx/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

namespace attest {
namespace {

/// The declared shape; sizes that it leaves open are those of `natural`, axis by axis.
std::vector<std::int64_t> given_shape(const OnnxInput& input, std::vector<std::int64_t> natural) {
  natural.insert(natural.begin() + 1, std::max<std::size_t>(input.shape.size(), 3) - 3, 1);
  std::vector<std::int64_t> shape = input.shape;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] < 0) shape[i] = natural[i];
  return shape;
}

}  // namespace

Result<std::vector<double>> evaluate_layer_graph(const OnnxGraph& graph,
                                                 const LayerProblem& layer,
                                                 const LayerInputs& inputs) {
  if (graph.inputs.size() != 2 || graph.outputs.size() != 1) {
    return Error{Code::bad_input,
                 fmt::format("a graph of {} inputs and {} outputs, allowed: x and mask, and y",
                             graph.inputs.size(),
                             graph.outputs.size()),
                 {}};
  }
  const OnnxInput& x = graph.inputs[0];
  const OnnxInput& mask = graph.inputs[1];
  OnnxTensor x_value{x.type, given_shape(x, {layer.batch, layer.seq, layer.dim}), {}};
  for (std::int64_t b = 0; b < layer.batch; ++b)
    for (std::int64_t s = 0; s < layer.seq; ++s)
      for (std::int64_t c = 0; c < layer.dim; ++c)
        x_value.values.push_back(inputs.x.value(b, 0, s, c));
  const OnnxTensor mask_value{mask.type,
                              given_shape(mask, {layer.batch, layer.seq, layer.seq}),
                              {inputs.mask.begin(), inputs.mask.end()}};
  ATTEST_TRY(std::vector<OnnxTensor> outputs,
             evaluate_onnx(graph, {{x.name, x_value}, {mask.name, mask_value}}));
  std::vector<double>& y = outputs.front().values;
  if (y.size() != x_value.values.size()) {
    return Error{
        Code::bad_input,
        fmt::format("an output of {} elements, allowed: {}", y.size(), x_value.values.size()),
        {}};
  }
  return std::move(y);
}

}  // namespace attest
