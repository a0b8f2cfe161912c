// Node after node, in the order of the file.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/evaluate.h"

#include "reference/onnx/operators.h"

namespace attest {
namespace {

using Values = std::map<std::string, OnnxTensor>;

Error bad_input(const OnnxInput& input, const std::string& message) {
  return {Code::bad_input, "input " + shown(input.name) + ": " + message, {}};
}

Status check_input(const OnnxInput& declared, const OnnxTensor& given) {
  if (given.type != declared.type) return bad_input(declared, "given in another type");
  if (given.shape.size() != declared.shape.size()) {
    return bad_input(
        declared,
        fmt::format("given with {} axes, allowed: {}", given.shape.size(), declared.shape.size()));
  }
  std::int64_t elements = 1;
  for (std::size_t i = 0; i < given.shape.size(); ++i) {
    if (declared.shape[i] >= 0 && given.shape[i] != declared.shape[i]) {
      return bad_input(
          declared,
          fmt::format(
              "given with size {} at axis {}, allowed: {}", given.shape[i], i, declared.shape[i]));
    }
    elements *= given.shape[i];
  }
  if (elements != static_cast<std::int64_t>(given.values.size()))
    return bad_input(declared, "its elements do not fit its shape");
  return Done{};
}

Result<OnnxOutputs> run_node(const OnnxNode& node, const Values& values, std::int64_t& work) {
  const OnnxOperator* const known = find_onnx_operator(node.type);
  if (known == nullptr) {
    return Error{
        Code::unsupported, describe(node) + ": allowed operators: " + onnx_operator_names(), {}};
  }
  std::vector<const OnnxTensor*> inputs;
  for (const std::string& name : node.inputs)
    inputs.push_back(name.empty() ? nullptr : &values.at(name));
  const OnnxCall call(node, inputs, work);
  for (std::size_t i = 0; i < known->least; ++i)
    if (call.optional(i) == nullptr) return call.refuse(fmt::format("input {} is missing", i));
  if (inputs.size() > known->most || node.outputs.empty())
    return call.refuse(fmt::format("{} inputs and {} outputs", inputs.size(), node.outputs.size()));
  Result<OnnxOutputs> outputs = known->run(call);
  if (outputs.has_value() && outputs->size() != node.outputs.size())
    return call.refuse(fmt::format("{} outputs", node.outputs.size()));
  return outputs;
}

}  // namespace

Result<std::vector<OnnxTensor>> evaluate_onnx(const OnnxGraph& graph, const Values& inputs) {
  Values values = graph.initialisers;
  for (const OnnxInput& input : graph.inputs) {
    const auto given = inputs.find(input.name);
    if (given == inputs.end()) return bad_input(input, "not given");
    if (Status status = check_input(input, given->second); !status) return status.error();
    values.emplace(input.name, given->second);
  }
  std::int64_t work = kMaxOnnxWork;
  std::int64_t elements = 0;
  for (const OnnxNode& node : graph.nodes) {
    ATTEST_TRY(OnnxOutputs outputs, run_node(node, values, work));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      elements += static_cast<std::int64_t>(outputs[i].values.size());
      if (elements > kMaxOnnxValues) {
        return Error{
            Code::limit,
            describe(node) + fmt::format(": more than {} elements of all values", kMaxOnnxValues),
            {}};
      }
      values.emplace(node.outputs[i], std::move(outputs[i]));
    }
  }
  std::vector<OnnxTensor> out;
  for (const std::string& name : graph.outputs)
    out.push_back(values.at(name));
  return out;
}

}  // namespace attest
