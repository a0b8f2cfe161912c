// ModelProto to OnnxGraph, with every name checked.
// SPDX-License-Identifier: Apache-2.0
// Source  onnx.proto of ONNX 1.12; "Open Neural Network Exchange Intermediate Representation".
#include "reference/onnx/reader.h"

#include "reference/onnx/tensor_reader.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <fstream>
#include <set>

namespace attest {
namespace {

class GraphReader {
 public:
  Result<OnnxGraph> read(const onnx::ModelProto& model) {
    if (Status status = check_model(model); !status) return status.error();
    graph_.description = model.doc_string();
    const onnx::GraphProto& graph = model.graph();
    if (Status status = read_values(graph); !status) return status.error();
    for (const onnx::NodeProto& node : graph.node())
      if (Status status = read_node(node); !status) return status.error();
    for (const onnx::ValueInfoProto& output : graph.output()) {
      if (!defined_.contains(output.name()))
        return bad("output " + shown(output.name()) + " is defined nowhere");
      graph_.outputs.push_back(output.name());
    }
    if (graph_.outputs.empty()) return bad("the graph has no output");
    return std::move(graph_);
  }

 private:
  static Error bad(std::string message) { return {Code::bad_input, std::move(message), {}}; }
  static Error unsupported(std::string message) {
    return {Code::unsupported, std::move(message), {}};
  }
  static Error named(const std::string& what, Error error) {
    error.message = what + ": " + error.message;
    return error;
  }

  static Status check_model(const onnx::ModelProto& model) {
    if (!model.has_ir_version() || !model.has_graph()) return bad("not an ONNX model");
    if (model.ir_version() != kOnnxIrVersion) {
      return unsupported(
          fmt::format("IR version {}, allowed: {}", model.ir_version(), kOnnxIrVersion));
    }
    std::int64_t opset = 0;
    for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
      if (!is_standard(import.domain()))
        return unsupported("operators of the domain " + shown(import.domain()));
      opset = import.version();
    }
    if (opset != kOnnxOpset)
      return unsupported(fmt::format("opset {}, allowed: {}", opset, kOnnxOpset));
    if (model.functions_size() > 0) return unsupported("functions of the model's own");
    const onnx::GraphProto& graph = model.graph();
    if (graph.sparse_initializer_size() > 0) return unsupported("sparse initialisers");
    if (graph.node_size() > kMaxOnnxNodes) {
      return Error{
          Code::limit, fmt::format("{} nodes, allowed: {}", graph.node_size(), kMaxOnnxNodes), {}};
    }
    return Done{};
  }

  static bool is_standard(const std::string& domain) {
    return domain.empty() || domain == "ai.onnx";
  }

  Status define(const std::string& name) {
    if (name.empty()) return bad("a value without a name");
    if (!defined_.insert(name).second) return bad("value " + shown(name) + " is defined twice");
    return Done{};
  }

  Status read_values(const onnx::GraphProto& graph) {
    for (const onnx::TensorProto& proto : graph.initializer()) {
      if (Status status = define(proto.name()); !status) return status;
      Result<OnnxTensor> tensor = read_tensor(proto, budget_);
      if (!tensor) return named("initialiser " + shown(proto.name()), tensor.error());
      graph_.initialisers.emplace(proto.name(), std::move(*tensor));
    }
    for (const onnx::ValueInfoProto& value : graph.input()) {
      // An initialiser may stand among the inputs too; then it is the input's default.
      if (graph_.initialisers.contains(value.name())) continue;
      if (Status status = define(value.name()); !status) return status;
      if (!value.type().has_tensor_type())
        return unsupported("input " + shown(value.name()) + ": not a tensor");
      const onnx::TypeProto::Tensor& proto = value.type().tensor_type();
      const Result<OnnxType> type = read_type(proto.elem_type());
      if (!type) return named("input " + shown(value.name()), type.error());
      OnnxInput input{value.name(), *type, {}};
      for (const onnx::TensorShapeProto::Dimension& size : proto.shape().dim())
        input.shape.push_back(size.has_dim_value() ? size.dim_value() : -1);
      if (input.shape.size() > kMaxOnnxAxes) {
        return Error{Code::limit,
                     fmt::format("input {}: {} axes, allowed: {}",
                                 shown(value.name()),
                                 input.shape.size(),
                                 kMaxOnnxAxes),
                     {}};
      }
      graph_.inputs.push_back(std::move(input));
    }
    return Done{};
  }

  Status read_node(const onnx::NodeProto& proto) {
    OnnxNode node{proto.op_type(),
                  proto.name(),
                  {proto.input().begin(), proto.input().end()},
                  {proto.output().begin(), proto.output().end()},
                  {}};
    if (!is_standard(proto.domain()))
      return unsupported(describe(node) + " of the domain " + shown(proto.domain()));
    for (const std::string& input : node.inputs) {
      if (!input.empty() && !defined_.contains(input))
        return bad(describe(node) + ": input " + shown(input) + " is not defined before it");
    }
    for (const std::string& output : node.outputs) {
      if (Status status = define(output); !status) return named(describe(node), status.error());
    }
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
      Result<OnnxAttribute> value = read_attribute(attribute);
      if (!value) {
        return named(describe(node) + ", attribute " + shown(attribute.name()), value.error());
      }
      node.attributes.insert_or_assign(attribute.name(), std::move(*value));
    }
    graph_.nodes.push_back(std::move(node));
    return Done{};
  }

  Result<OnnxAttribute> read_attribute(const onnx::AttributeProto& proto) {
    switch (proto.type()) {
      case onnx::AttributeProto::INT:
        return OnnxAttribute{std::int64_t{proto.i()}};
      case onnx::AttributeProto::FLOAT:
        return OnnxAttribute{static_cast<double>(proto.f())};
      case onnx::AttributeProto::STRING:
        return OnnxAttribute{proto.s()};
      case onnx::AttributeProto::INTS:
        return OnnxAttribute{std::vector<std::int64_t>{proto.ints().begin(), proto.ints().end()}};
      case onnx::AttributeProto::TENSOR: {
        ATTEST_TRY(OnnxTensor tensor, read_tensor(proto.t(), budget_));
        return OnnxAttribute{std::move(tensor)};
      }
      default:
        return unsupported(fmt::format("type {}, allowed: int, float, string, ints, tensor",
                                       static_cast<int>(proto.type())));
    }
  }

  OnnxGraph graph_;
  std::set<std::string> defined_;
  std::int64_t budget_ = kMaxOnnxElements;
};

Error too_large(const std::string& where) {
  return {Code::limit, fmt::format("more than {} bytes", kMaxOnnxBytes), where};
}

}  // namespace

Result<OnnxGraph> parse_onnx(std::string_view bytes, const std::string& where) {
  if (bytes.size() > static_cast<std::size_t>(kMaxOnnxBytes)) return too_large(where);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{Code::bad_input, "not an ONNX model: malformed protobuf", where};
  Result<OnnxGraph> graph = GraphReader().read(model);
  if (!graph) return Error{graph.error().code, graph.error().message, where};
  return graph;
}

Result<OnnxGraph> read_onnx(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  std::array<char, 1 << 16> piece;
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > static_cast<std::size_t>(kMaxOnnxBytes)) return too_large(path);
  }
  if (!file.eof()) return Error{Code::io, "cannot be read", path};
  return parse_onnx(bytes, path);
}

}  // namespace attest
