// The layers that torch exported, against reference_layer() and node by node.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/layer_graph.h"

#include "reference/layer.h"
#include "reference/layer_error.h"
#include "reference/onnx/reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace attest {
namespace {

struct LayerFile {
  OnnxGraph graph;
  LayerProblem layer;

  explicit LayerFile(const std::string& name) {
    Result<OnnxGraph> read = read_onnx(ATTEST_ONNX_FOLDER "/" + name);
    EXPECT_TRUE(read.has_value()) << read.error().to_string();
    graph = std::move(*read);
    layer = parse_layer(graph.description).value();
  }
};

class LayerGraph : public testing::TestWithParam<const char*> {};

/// How many elements of y are further from reference_layer() than two evaluations in double of one
/// formula on the same numbers may be: each is off by at most LayerError. 1/sqrt(d/h) is a float.
std::size_t count_wrong(const LayerFile& file) {
  const LayerInputs inputs = draw_layer(file.layer);
  const Result<std::vector<double>> y = evaluate_layer_graph(file.graph, file.layer, inputs);
  EXPECT_TRUE(y.has_value()) << y.error().to_string();
  const std::vector<double> want = reference_layer(file.layer, inputs);
  const std::vector<double> error = layer_error(file.layer, inputs);
  EXPECT_EQ(y->size(), want.size());
  std::size_t wrong = 0;
  for (std::size_t at = 0; at < want.size(); ++at)
    if (!(std::fabs(y->at(at) - want[at]) <= 2 * error[at])) ++wrong;
  return wrong;
}

TEST_P(LayerGraph, IsTheReference) {
  EXPECT_EQ(count_wrong(LayerFile(GetParam())), 0U);
}

// The bound is that narrow: the divisor of the scores off by one ulp of a float is seen.
TEST_P(LayerGraph, IsNotTheReferenceWithAnotherScale) {
  LayerFile file(GetParam());
  std::string divisor;
  for (const OnnxNode& node : file.graph.nodes)
    if (node.type == "Div") divisor = node.inputs.at(1);
  for (OnnxNode& node : file.graph.nodes) {
    if (node.outputs.front() != divisor) continue;
    double& value = std::get<OnnxTensor>(node.attributes.at("value")).values.at(0);
    value = std::nextafter(static_cast<float>(value), 100.0F);
  }
  EXPECT_GT(count_wrong(file), 0U);
}

TEST_P(LayerGraph, HasItsOwnWeights) {
  const LayerFile file(GetParam());
  LayerInputs inputs = draw_layer(file.layer);
  const std::vector<double> y = evaluate_layer_graph(file.graph, file.layer, inputs).value();
  inputs.w_qkv = inputs.b_qkv = inputs.w_out = inputs.b_out = HostTensor{};
  EXPECT_EQ(evaluate_layer_graph(file.graph, file.layer, inputs).value(), y);
}

TEST_P(LayerGraph, RefusesAnotherLayer) {
  const LayerFile file(GetParam());
  LayerProblem other = file.layer;
  other.seq += 1;
  const Result<std::vector<double>> y = evaluate_layer_graph(file.graph, other, draw_layer(other));
  ASSERT_FALSE(y.has_value());
  EXPECT_EQ(y.error().message, "input 'x': its elements do not fit its shape");
}

INSTANTIATE_TEST_SUITE_P(Files,
                         LayerGraph,
                         testing::Values("layer_h1.onnx", "layer_h8.onnx"),
                         [](const auto& row) { return std::string(row.param).substr(0, 8); });

// What the layer is made of; q, k, v, o and k^T move where there are heads.
TEST(LayerGraph, NodesAreCounted) {
  const OnnxSummary single = summarise(LayerFile("layer_h1.onnx").graph);
  const std::map<std::string, std::int64_t> computing = {{"MatMul", 4},
                                                         {"Add", 2},
                                                         {"Split", 1},
                                                         {"Transpose", 1},
                                                         {"Div", 1},
                                                         {"Equal", 1},
                                                         {"Where", 1},
                                                         {"Softmax", 1}};
  std::int64_t sum = 0;
  for (const auto& [type, count] : computing) {
    EXPECT_EQ(single.by_type.at(type), count) << type;
    sum += count;
  }
  EXPECT_EQ(single.nodes, sum);
  EXPECT_EQ(single.by_type.size(), computing.size() + 1);  // and Constant
  const OnnxSummary heads = summarise(LayerFile("layer_h8.onnx").graph);
  EXPECT_EQ(heads.by_type.at("Reshape"), 4);
  EXPECT_EQ(heads.by_type.at("Transpose"), 4);
  EXPECT_EQ(heads.nodes, sum + 4 + 3);
}

}  // namespace
}  // namespace attest
