// Reads a lowered graph from a plan's JSON, key by key.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/graph.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <stdexcept>

namespace attest {
namespace {

using Json = nlohmann::json;

/// What read_plan() turns into an Error; it does not leave this file.
struct SchemaError : std::runtime_error {
  SchemaError(Code which, const std::string& text) : std::runtime_error(text), code(which) {}
  Code code;
};

[[noreturn]] void refuse(const std::string& text) {
  throw SchemaError(Code::unsupported, text);
}

void check_keys(const Json& object,
                std::string_view where,
                std::initializer_list<const char*> known) {
  if (!object.is_object()) refuse(fmt::format("{} is no object", where));
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      refuse(
          fmt::format("{} has the key '{}', which this program does not know", where, item.key()));
    }
  }
}

/// What follows `prefix`, without `suffix`.
std::string between(const Json& text, std::string_view prefix, std::string_view suffix) {
  std::string name = text.get<std::string>();
  if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
      name.size() < prefix.size() + suffix.size()) {
    refuse(fmt::format("found '{}', expected {}..{}", name, prefix, suffix));
  }
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

/// A tensor's number, which the plan writes as text.
std::int64_t number(const Json& text) {
  const std::string digits = text.get<std::string>();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size())
    refuse(fmt::format("found tensor '{}', expected a number", digits));
  return value;
}

std::optional<std::int64_t> number_at(const Json& node, const char* key) {
  if (!node.contains(key)) return std::nullopt;
  return number(node.at(key));
}

/// Missing axes are leading ones of size 1.
LoweredShape shape_of(const Json& dims) {
  LoweredShape shape{1, 1, 1, 1};
  if (dims.size() > shape.size())
    refuse(fmt::format("a tensor has {} axes, expected at most 4", dims.size()));
  const std::size_t missing = shape.size() - dims.size();
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const auto size = dims.at(axis).get<std::int64_t>();
    if (size < 0 || size > (std::int64_t{1} << 31U))
      refuse(fmt::format("a tensor's axis has {} elements", size));
    shape[missing + axis] = size;
  }
  return shape;
}

/// A float that the frontend wrote as the hexadecimal digits of its bits.
double float_of(const Json& digits) {
  const std::string text = digits.get<std::string>();
  std::uint32_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
  if (error != std::errc() || end != text.data() + text.size())
    refuse(fmt::format("found '{}', expected the bits of a float", text));
  return static_cast<double>(std::bit_cast<float>(bits));
}

LoweredNode read_pointwise(const Json& node) {
  check_keys(
      node,
      "a pointwise node",
      {"B", "T", "X", "Y", "alpha1", "alpha2", "axis", "mathPrec", "operation", "pointwiseMode"});
  if (node.at("alpha1").get<double>() != 1 || node.at("alpha2").get<double>() != 1)
    refuse("a pointwise node scales its operands");
  LoweredNode read;
  read.type = "POINTWISE " + between(node.at("pointwiseMode"), "CUDNN_POINTWISE_", "");
  for (const char* key : {"X", "B", "T"}) {
    if (const auto input = number_at(node, key)) read.inputs.push_back(*input);
  }
  read.output = number(node.at("Y"));
  if (node.contains("axis")) read.axis = node.at("axis").get<std::int64_t>();
  return read;
}

LoweredNode read_reduction(const Json& node) {
  check_keys(node,
             "a reduction node",
             {"X", "Y", "isDeterministic", "mathPrec", "operation", "reductionOp"});
  LoweredNode read;
  read.type = "REDUCTION " + between(node.at("reductionOp"), "CUDNN_REDUCE_TENSOR_", "");
  read.inputs = {number(node.at("X"))};
  read.output = number(node.at("Y"));
  return read;
}

/// m, n and k overrides name the tensors of a batch's lengths: rows and columns past them need not
/// be computed. A mask node hides the same ones, so they are not evaluated.
LoweredNode read_matmul(const Json& node) {
  check_keys(
      node,
      "a matmul node",
      {"kOverride", "mOverride", "nOverride", "matA", "matB", "matC", "mathPrec", "operation"});
  LoweredNode read;
  read.type = "MATMUL";
  read.inputs = {number(node.at("matA")), number(node.at("matB"))};
  read.output = number(node.at("matC"));
  return read;
}

struct Reader {
  std::string_view operation;
  LoweredNode (*read)(const Json&);
};
constexpr std::array kReaders = {Reader{"MATMUL", read_matmul},
                                 Reader{"POINTWISE", read_pointwise},
                                 Reader{"REDUCTION", read_reduction}};

/// An operation that is not in the table keeps its name alone; the evaluator will refuse it.
LoweredNode read_node(const Json& node) {
  const std::string operation =
      between(node.at("operation"), "CUDNN_BACKEND_OPERATION_", "_DESCRIPTOR");
  for (const Reader& reader : kReaders) {
    if (reader.operation == operation) return reader.read(node);
  }
  return LoweredNode{operation, {}, 0, -1};
}

void read_tensor(const Json& tensor, LoweredGraph& graph) {
  check_keys(tensor,
             "a tensor",
             {"dataType",
              "dim",
              "isByValue",
              "isVirtual",
              "name",
              "ptrAlignment",
              "raggedOffset",
              "reordering",
              "stride",
              "vectCount",
              "vectDim"});
  if (tensor.at("vectCount").get<int>() != 1) refuse("a tensor's elements are vectors");
  graph.shapes[number(tensor.at("name"))] = shape_of(tensor.at("dim"));
}

/// cudnn-frontend 1.23 gives the row maximum beside a sink the shape of its input, as if nothing were
/// reduced. The pointwise node that reads it tells: its output is no smaller than its operands.
void narrow_reductions(LoweredGraph& graph) {
  for (const LoweredNode& reduction : graph.nodes) {
    if (!reduction.type.starts_with("REDUCTION")) continue;
    LoweredShape& shape = graph.shapes[reduction.output];
    if (shape != graph.shapes[reduction.inputs.at(0)]) continue;
    for (const LoweredNode& reader : graph.nodes) {
      const auto& inputs = reader.inputs;
      const bool reads = std::find(inputs.begin(), inputs.end(), reduction.output) != inputs.end();
      if (!reads || !reader.type.starts_with("POINTWISE")) continue;
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (graph.shapes[reader.output][axis] == 1) shape[axis] = 1;
      }
    }
  }
}

LoweredGraph read_graph(const Json& json) {
  check_keys(json, "the operation graph", {"finalizeMode", "nodes", "tensors"});
  LoweredGraph graph;
  for (const Json& tensor : json.at("tensors"))
    read_tensor(tensor, graph);
  for (const Json& node : json.at("nodes"))
    graph.nodes.push_back(read_node(node));
  narrow_reductions(graph);
  return graph;
}

/// 64 and 32 bit integers, and floats; the frontend has half types too, unused here.
double constant_of(const Json& value) {
  check_keys(value, "a value", {"index", "value"});
  switch (value.at("index").get<int>()) {
    case 0:
    case 1:
      return static_cast<double>(value.at("value").get<std::int64_t>());
    case 3:
      return float_of(value.at("value"));
    default:
      refuse(fmt::format("a value of type {}", value.at("index").get<int>()));
  }
}

/// [0: a copy, where to, the floats]; other kinds only set memory to 0 for the kernels.
void read_workspace(const std::string& tensor, const Json& change, LoweredGraph& graph) {
  if (change.at(0).get<int>() != 0) return;
  std::vector<double>& values = graph.constants[number(Json(tensor))];
  for (const Json& value : change.at(2))
    values.push_back(float_of(value));
}

std::vector<std::string> kernels_of(const Json& engine) {
  std::vector<std::string> names;
  for (const Json& kernel : engine.at("payload").at("kernels"))
    names.push_back(kernel.at("kernelName").get<std::string>());
  return names;
}

LoweredPlan read_backend(const Json& json) {
  const int schema = json.at("schemaVersion").get<int>();
  if (schema != kPlanSchema)
    refuse(fmt::format("schema version {}, this program reads {}", schema, kPlanSchema));
  check_keys(json,
             "the plan",
             {"GPUProfile", "cudnnVersion", "engine", "operationGraph", "schemaVersion"});
  LoweredPlan plan;
  plan.graph = read_graph(json.at("operationGraph"));
  const Json& engine = json.at("engine");
  check_keys(engine, "the engine", {"engineId", "knobChoices", "payload", "smVersion"});
  plan.engine = engine.at("engineId").get<std::int64_t>();
  plan.kernels = kernels_of(engine);
  return plan;
}

LoweredPlan read_frontend(const Json& json) {
  check_keys(json,
             "the serialised graph",
             {"behavior_notes",
              "context",
              "cudnn_backend_data",
              "cudnn_backend_version",
              "cudnn_frontend_version",
              "fe_workspace_size",
              "json_version",
              "nodes",
              "pass_by_values",
              "tag",
              "tensors",
              "tensors_to_dump",
              "variant_pack_replacements",
              "variant_pack_uids",
              "workspace_modifications"});
  LoweredPlan plan = read_backend(Json::parse(json.at("cudnn_backend_data").get<std::string>()));
  for (const auto& item : json.at("pass_by_values").items())
    plan.graph.constants[number(Json(item.key()))] = {constant_of(item.value())};
  for (const auto& item : json.at("workspace_modifications").items())
    read_workspace(item.key(), item.value(), plan.graph);
  return plan;
}

template <class Read>
auto guarded(Read read) -> Result<decltype(read())> {
  constexpr const char* kWhere = "cuDNN plan";
  try {
    return read();
  } catch (const SchemaError& error) {
    return Error{error.code, error.what(), kWhere};
  } catch (const Json::exception& error) {
    return Error{Code::bad_input, error.what(), kWhere};
  }
}

}  // namespace

Result<LoweredPlan> read_plan(const std::vector<std::uint8_t>& ubjson) {
  return guarded([&] { return read_frontend(Json::from_ubjson(ubjson)); });
}

Result<std::vector<std::string>> read_kernels(const std::vector<std::uint8_t>& ubjson) {
  return guarded([&] {
    const Json whole = Json::from_ubjson(ubjson);
    return kernels_of(Json::parse(whole.at("cudnn_backend_data").get<std::string>()).at("engine"));
  });
}

Result<std::string> backend_json(const std::vector<std::uint8_t>& ubjson) {
  return guarded(
      [&] { return Json::from_ubjson(ubjson).at("cudnn_backend_data").get<std::string>(); });
}

Result<LoweredPlan> read_plan_json(std::string_view text) {
  return guarded([&] { return read_frontend(Json::parse(text)); });
}

}  // namespace attest
