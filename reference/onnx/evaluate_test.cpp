// Each operator on numbers on paper, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "reference/onnx/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

using Shape = std::vector<std::int64_t>;
using Values = std::vector<double>;

OnnxTensor real(Shape shape, Values values) {
  return {OnnxType::real, std::move(shape), std::move(values)};
}

OnnxTensor list(Values values) {
  return {OnnxType::integer, {static_cast<std::int64_t>(values.size())}, std::move(values)};
}

/// One node on tensors.
struct Row {
  std::string type;
  std::vector<OnnxTensor> inputs;
  std::map<std::string, OnnxAttribute> attributes{};
  std::size_t outputs = 1;

  [[nodiscard]] OnnxGraph graph() const {
    OnnxGraph graph;
    OnnxNode node{type, "it", {}, {}, attributes};
    for (const OnnxTensor& input : inputs) {
      node.inputs.push_back("i" + std::to_string(node.inputs.size()));
      graph.initialisers[node.inputs.back()] = input;
    }
    for (std::size_t i = 0; i < outputs; ++i) {
      node.outputs.push_back("o" + std::to_string(i));
      graph.outputs.push_back(node.outputs.back());
    }
    graph.nodes.push_back(node);
    return graph;
  }
  [[nodiscard]] std::vector<OnnxTensor> run() const {
    const Result<std::vector<OnnxTensor>> out = evaluate_onnx(graph(), {});
    EXPECT_TRUE(out.has_value()) << type << ": " << out.error().to_string();
    return out.value();
  }
  [[nodiscard]] std::string error() const {
    const Result<std::vector<OnnxTensor>> out = evaluate_onnx(graph(), {});
    return out.has_value() ? "none" : out.error().message;
  }
};

void expect(const Row& row, const Shape& shape, const Values& values) {
  SCOPED_TRACE(row.type);
  const OnnxTensor out = row.run().front();
  EXPECT_EQ(out.shape, shape);
  EXPECT_EQ(out.values, values);
}

TEST(OnnxOperators, Elementwise) {
  const OnnxTensor column = real({2, 1}, {1, 8});
  const OnnxTensor row = real({3}, {1, 2, 4});
  expect({"Add", {column, row}}, {2, 3}, {2, 3, 5, 9, 10, 12});
  expect({"Mul", {column, row}}, {2, 3}, {1, 2, 4, 8, 16, 32});
  expect({"Div", {column, row}}, {2, 3}, {1, 0.5, 0.25, 8, 4, 2});
  expect({"Equal", {column, row}}, {2, 3}, {1, 0, 0, 0, 0, 0});
  expect({"Equal", {real({1}, {NAN}), real({1}, {NAN})}}, {1}, {0});
  const OnnxTensor condition{OnnxType::boolean, {2, 1}, {1, 0}};
  expect({"Where", {condition, real({}, {-1000}), row}}, {2, 3}, {-1000, -1000, -1000, 1, 2, 4});
  expect({"Cast", {real({3}, {0, -0.5, 2})}, {{"to", std::int64_t{9}}}}, {3}, {0, 1, 1});
  expect({"Cast", {condition}, {{"to", std::int64_t{1}}}}, {2, 1}, {1, 0});
}

TEST(OnnxOperators, Moving) {
  const OnnxTensor six = real({2, 3}, {1, 2, 3, 4, 5, 6});
  expect({"Constant", {}, {{"value", six}}}, six.shape, six.values);
  expect({"Reshape", {six, list({-1, 2})}}, {3, 2}, six.values);
  expect({"Reshape", {six, list({0, 1, -1})}}, {2, 1, 3}, six.values);
  expect({"Transpose", {six}}, {3, 2}, {1, 4, 2, 5, 3, 6});
  expect({"Transpose", {real({2, 1, 3}, six.values)}, {{"perm", Shape{1, 2, 0}}}},
         {1, 3, 2},
         {1, 4, 2, 5, 3, 6});
  const auto parts = Row{"Split", {six, list({1, 2})}, {{"axis", std::int64_t{-1}}}, 2}.run();
  EXPECT_EQ(parts[0].values, (Values{1, 4}));
  EXPECT_EQ(parts[1].shape, (Shape{2, 2}));
  EXPECT_EQ(parts[1].values, (Values{2, 3, 5, 6}));
  EXPECT_EQ((Row{"Split", {six}, {}, 2}.run()[1].values), (Values{4, 5, 6}));
}

// The two examples of the operator's own page, and a step back to the front.
TEST(OnnxOperators, Slice) {
  const OnnxTensor data = real({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  expect({"Slice", {data, list({1, 0}), list({2, 3}), list({0, 1}), list({1, 2})}}, {1, 2}, {5, 7});
  expect({"Slice", {data, list({0, 1}), list({-1, 1000})}}, {1, 3}, {2, 3, 4});
  expect(
      {"Slice", {data, list({-1}), list({-0x1p63}), list({1}), list({-3})}}, {2, 2}, {4, 1, 8, 5});
  expect({"Slice", {data, list({3}), list({2}), list({1})}}, {2, 0}, {});
}

TEST(OnnxOperators, Matrices) {
  const OnnxTensor a = real({2, 2}, {1, 2, 3, 4});
  const OnnxTensor b = real({2, 2, 1}, {1, 10, 100, 1000});
  expect({"MatMul", {a, b}}, {2, 2, 1}, {21, 43, 2100, 4300});
  const OnnxTensor c = real({1, 3}, {1, 2, 3});
  expect({"Gemm", {c, c}, {{"transA", std::int64_t{1}}}}, {3, 3}, {1, 2, 3, 2, 4, 6, 3, 6, 9});
  expect({"Gemm",
          {c, c, real({1}, {5})},
          {{"transB", std::int64_t{1}}, {"alpha", 2.0}, {"beta", -1.0}}},
         {1, 1},
         {23});
  expect({"Softmax", {real({2, 2}, {0, -1000, 0, 3})}, {{"axis", std::int64_t{0}}}},
         {2, 2},
         {0.5, 0, 0.5, 1});
  expect({"Softmax", {real({1, 2}, {7, 7})}}, {1, 2}, {0.5, 0.5});
}

TEST(OnnxOperators, RefuseWhatDoesNotFit) {
  const OnnxTensor a = real({2, 3}, Values(6));
  const std::string node = "node 'it' of type ";
  EXPECT_EQ((Row{"Erf", {a}}.error()),
            node +
                "'Erf': allowed operators: Add, Cast, Constant, Div, Equal, Gemm, MatMul, Mul, "
                "Reshape, Slice, Softmax, Split, Transpose, Where");
  EXPECT_EQ((Row{"Add", {a}}.error()), node + "'Add': input 1 is missing");
  EXPECT_EQ((Row{"Add", {a, a, a}}.error()), node + "'Add': 3 inputs and 1 outputs");
  EXPECT_EQ((Row{"Add", {a, a}, {}, 2}.error()), node + "'Add': 2 outputs");
  EXPECT_EQ((Row{"Add", {a, real({2}, {1, 2})}}.error()),
            node + "'Add': sizes 3 and 2 of one axis do not go together");
  EXPECT_EQ((Row{"Div", {list({1}), list({1})}}.error()),
            node + "'Div': arithmetic of what is not real");
  EXPECT_EQ((Row{"MatMul", {a, a}}.error()), node + "'MatMul': 3 columns times 2 rows");
  EXPECT_EQ((Row{"Reshape", {a, list({4, -1})}}.error()),
            node + "'Reshape': a shape of 4 for 6 elements");
  EXPECT_EQ((Row{"Reshape", {a, list({-2})}}.error()), node + "'Reshape': size -2 at axis 0");
  EXPECT_EQ((Row{"Transpose", {a}, {{"perm", Shape{1, 1}}}}.error()),
            node + "'Transpose': 'perm' is not an order of 2 axes");
  EXPECT_EQ((Row{"Transpose", {a}, {{"perm", 1.0}}}.error()),
            node + "'Transpose': attribute 'perm' has another type than the operator's");
  EXPECT_EQ((Row{"Softmax", {a}, {{"axis", std::int64_t{2}}}}.error()),
            node + "'Softmax': axis 2, allowed: from -2 to 1");
  EXPECT_EQ((Row{"Split", {a}, {{"axis", std::int64_t{1}}}, 2}.error()),
            node + "'Split': size 3 is not split into 2 parts");
  EXPECT_EQ((Row{"Slice", {a, list({0}), list({1}), list({0}), list({0})}}.error()),
            node + "'Slice': step 0");
  EXPECT_EQ((Row{"Cast", {a}, {{"to", std::int64_t{8}}}}.error()),
            node + "'Cast': to type 8, allowed: bool, float, double");
}

TEST(OnnxOperators, StayWithinLimits) {
  const OnnxTensor column = real({1 << 14, 1}, Values(1 << 14));
  const OnnxTensor row = real({1, 1 << 14}, Values(1 << 14));
  EXPECT_EQ((Row{"Add", {column, row}}.error()),
            "node 'it' of type 'Add': output of more than 33554432 elements");
  // 2^25 sums of 2^10 + 1 products each.
  const OnnxTensor tall = real({1 << 13, 1025}, Values((1 << 13) * 1025));
  const OnnxTensor wide = real({1025, 1 << 12}, Values((1 << 12) * 1025));
  EXPECT_EQ((Row{"MatMul", {tall, wide}}.error()),
            "node 'it' of type 'MatMul': more than 34359738368 products of all nodes");
  OnnxGraph doubling = Row{"Constant", {}, {{"value", real({1 << 23}, Values(1 << 23))}}}.graph();
  for (int i = 0; i < 8; ++i) {
    const std::string name = "d" + std::to_string(i);
    doubling.nodes.push_back({"Reshape", name, {"o0", "shape"}, {name}, {}});
  }
  doubling.initialisers["shape"] = list({-1});
  const Result<std::vector<OnnxTensor>> out = evaluate_onnx(doubling, {});
  ASSERT_FALSE(out.has_value());
  EXPECT_EQ(out.error().message,
            "node 'd7' of type 'Reshape': more than 67108864 elements of all values");
}

TEST(OnnxEvaluate, RefusesInputsOfAnotherKind) {
  OnnxGraph graph;
  graph.inputs.push_back({"x", OnnxType::real, {2, -1}});
  graph.outputs.push_back("x");
  const auto error = [&](const std::map<std::string, OnnxTensor>& inputs) {
    const Result<std::vector<OnnxTensor>> out = evaluate_onnx(graph, inputs);
    return out.has_value() ? "none" : out.error().message;
  };
  EXPECT_EQ(error({{"x", real({2, 1}, {1, 2})}}), "none");
  EXPECT_EQ(error({}), "input 'x': not given");
  EXPECT_EQ(error({{"x", list({1, 2})}}), "input 'x': given in another type");
  EXPECT_EQ(error({{"x", real({2}, {1, 2})}}), "input 'x': given with 1 axes, allowed: 2");
  EXPECT_EQ(error({{"x", real({1, 2}, {1, 2})}}),
            "input 'x': given with size 1 at axis 0, allowed: 2");
  EXPECT_EQ(error({{"x", real({2, 2}, {1, 2})}}), "input 'x': its elements do not fit its shape");
}

}  // namespace
}  // namespace attest
