// Counts and words of an OnnxGraph.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/graph.h"

namespace attest {

OnnxSummary summarise(const OnnxGraph& graph) {
  OnnxSummary summary;
  for (const OnnxNode& node : graph.nodes) {
    ++summary.by_type[node.type];
    if (node.type != "Constant") ++summary.nodes;
  }
  return summary;
}

std::string shown(const std::string& name) {
  constexpr std::size_t kMostCharacters = 60;
  std::string text = name.substr(0, kMostCharacters);
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return "'" + text + (name.size() > kMostCharacters ? "..'" : "'");
}

std::string describe(const OnnxNode& node) {
  const std::string& name =
      node.name.empty() && !node.outputs.empty() ? node.outputs.front() : node.name;
  return "node " + shown(name) + " of type " + shown(node.type);
}

}  // namespace attest
