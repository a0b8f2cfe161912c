// OnnxGraph: what a .onnx file says, as plain values without protobuf.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace attest {

inline constexpr std::size_t kMaxOnnxAxes = 16;  // of a tensor

/// What elements are; a real of any width is a double here, and so is an integer, exact to 2^53.
enum class OnnxType : std::uint8_t { real, integer, boolean };

struct OnnxTensor {
  OnnxType type = OnnxType::real;
  std::vector<std::int64_t> shape;
  std::vector<double> values;  // row-major; booleans 0 or 1
};

using OnnxAttribute =
    std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, OnnxTensor>;

struct OnnxNode {
  std::string type;  // "MatMul"
  std::string name;
  std::vector<std::string> inputs;  // "" where an optional input is left out
  std::vector<std::string> outputs;
  std::map<std::string, OnnxAttribute> attributes;
};

/// An input that the caller gives.
struct OnnxInput {
  std::string name;
  OnnxType type = OnnxType::real;
  std::vector<std::int64_t> shape;  // -1: any
};

/// Every value has one name and is defined before the node that uses it.
struct OnnxGraph {
  std::string description;  // the model's own words
  std::vector<OnnxInput> inputs;
  std::map<std::string, OnnxTensor> initialisers;
  std::vector<OnnxNode> nodes;
  std::vector<std::string> outputs;
};

/// How many nodes a graph has.
struct OnnxSummary {
  std::int64_t nodes = 0;  // that compute: without Constant
  std::map<std::string, std::int64_t> by_type;
};
[[nodiscard]] OnnxSummary summarise(const OnnxGraph& graph);

/// "node 'qkv/MatMul' (MatMul)", for messages; what a terminal cannot print is '?'.
[[nodiscard]] std::string describe(const OnnxNode& node);
/// A name of the file as a message shows it: in quotes, printable, at most 60 characters.
[[nodiscard]] std::string shown(const std::string& name);

}  // namespace attest
