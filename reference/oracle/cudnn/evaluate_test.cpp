// Every operation of lowered graphs on hand-made values, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

using Values = std::vector<double>;
constexpr double kInf = std::numeric_limits<double>::infinity();

LoweredValue value(LoweredShape shape, const Values& values) {
  LoweredValue made;
  made.shape = shape;
  made.values =
      Eigen::Map<const Eigen::ArrayXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  return made;
}

/// One node with inputs 1, 2, .. and output 9.
Result<Values> run(const std::string& type,
                   const std::vector<LoweredValue>& inputs,
                   LoweredShape output,
                   std::int64_t axis = -1) {
  LoweredGraph graph;
  LoweredNode node{type, {}, 9, axis};
  std::map<std::int64_t, LoweredValue> values;
  for (const LoweredValue& input : inputs) {
    const auto number = static_cast<std::int64_t>(values.size()) + 1;
    node.inputs.push_back(number);
    values[number] = input;
  }
  graph.shapes[9] = output;
  graph.nodes = {node};
  ATTEST_TRY(const auto results, evaluate_lowered(graph, values));
  const Eigen::ArrayXd& result = results.at(9).values;
  return Values(result.begin(), result.end());
}

Values ok(Result<Values> result) {
  EXPECT_TRUE(result.has_value()) << result.error().to_string();
  return result ? *result : Values{};
}

constexpr LoweredShape kRow = {1, 1, 1, 3};

TEST(Evaluate, pairs_elements) {
  const LoweredValue x = value(kRow, {1, 4, -2});
  const LoweredValue y = value(kRow, {3, 4, 8});
  const struct {
    const char* type;
    Values expected;
  } rows[] = {{"ADD", {4, 8, 6}},
              {"SUB", {-2, 0, -10}},
              {"MUL", {3, 16, -16}},
              {"DIV", {1.0 / 3, 1, -0.25}},
              {"MAX", {3, 4, 8}},
              {"MIN", {1, 4, -2}},
              {"CMP_GT", {0, 0, 0}},
              {"CMP_GE", {0, 1, 0}},
              {"CMP_LT", {1, 0, 1}},
              {"CMP_LE", {1, 1, 1}}};
  for (const auto& row : rows)
    EXPECT_EQ(ok(run(std::string("POINTWISE ") + row.type, {x, y}, kRow)), row.expected)
        << row.type;
  const LoweredValue a = value(kRow, {0, 1, 1});
  const LoweredValue b = value(kRow, {0, 0, 1});
  EXPECT_EQ(ok(run("POINTWISE LOGICAL_AND", {a, b}, kRow)), (Values{0, 0, 1}));
  EXPECT_EQ(ok(run("POINTWISE LOGICAL_OR", {a, b}, kRow)), (Values{0, 1, 1}));
}

TEST(Evaluate, works_on_single_elements) {
  const Values exp = ok(run("POINTWISE EXP", {value(kRow, {0, 1, -kInf})}, kRow));
  EXPECT_DOUBLE_EQ(exp[0], 1);
  EXPECT_DOUBLE_EQ(exp[1], std::exp(1.0));
  EXPECT_EQ(exp[2], 0);
  EXPECT_DOUBLE_EQ(ok(run("POINTWISE LOG", {value(kRow, {2, 2, 2})}, kRow))[1], std::log(2.0));
  const Values tanh = ok(run("POINTWISE TANH_FWD", {value(kRow, {0, 1, -kInf})}, kRow));
  EXPECT_EQ(tanh[0], 0);
  EXPECT_DOUBLE_EQ(tanh[1], std::tanh(1.0));
  EXPECT_EQ(tanh[2], -1);
  EXPECT_EQ(ok(run("POINTWISE IDENTITY", {value(kRow, {2, 3, 4})}, kRow)), (Values{2, 3, 4}));
}

TEST(Evaluate, selects_where_the_third_is_true) {
  const LoweredValue hidden = value({1, 1, 1, 1}, {-kInf});
  EXPECT_EQ(ok(run("POINTWISE BINARY_SELECT",
                   {value(kRow, {1, 2, 3}), hidden, value(kRow, {1, 0, 1})},
                   kRow)),
            (Values{1, -kInf, 3}));
}

TEST(Evaluate, repeats_axes_of_size_one) {
  const LoweredValue column = value({2, 1, 2, 1}, {10, 20, 30, 40});
  const LoweredValue row = value({1, 1, 1, 2}, {1, 2});
  EXPECT_EQ(ok(run("POINTWISE ADD", {column, row}, {2, 1, 2, 2})),
            (Values{11, 12, 21, 22, 31, 32, 41, 42}));
  EXPECT_FALSE(run("POINTWISE ADD", {value(kRow, {1, 2, 3}), row}, kRow).has_value());
}

TEST(Evaluate, counts_along_an_axis) {
  const LoweredValue any = value({1, 1, 2, 3}, {0, 0, 0, 0, 0, 0});
  EXPECT_EQ(ok(run("POINTWISE GEN_INDEX", {any}, {1, 1, 2, 3}, 3)), (Values{0, 1, 2}));
  EXPECT_EQ(ok(run("POINTWISE GEN_INDEX", {any}, {1, 1, 2, 3}, 2)), (Values{0, 1}));
  EXPECT_FALSE(run("POINTWISE GEN_INDEX", {any}, {1, 1, 2, 3}).has_value());
}

TEST(Evaluate, reduces) {
  const LoweredValue x = value({1, 1, 2, 2}, {1, 2, -3, -kInf});
  EXPECT_EQ(ok(run("REDUCTION ADD", {x}, {1, 1, 2, 1})), (Values{3, -kInf}));
  EXPECT_EQ(ok(run("REDUCTION MAX", {x}, {1, 1, 2, 1})), (Values{2, -3}));
  EXPECT_EQ(ok(run("REDUCTION MAX", {x}, {1, 1, 1, 2})), (Values{1, 2}));
  EXPECT_FALSE(run("REDUCTION MAX", {x}, {1, 1, 2, 3}).has_value());
}

TEST(Evaluate, multiplies_matrices_with_shared_heads) {
  const LoweredValue left = value({1, 4, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const LoweredValue right = value({1, 2, 2, 1}, {1, 10, 100, 1000});
  EXPECT_EQ(ok(run("MATMUL", {left, right}, {1, 4, 1, 1})), (Values{21, 43, 6500, 8700}));
  EXPECT_FALSE(run("MATMUL", {right, left}, {1, 4, 1, 1}).has_value());
}

TEST(Evaluate, names_a_node_that_it_does_not_know) {
  const auto result = run("RNG", {value(kRow, {1, 2, 3})}, kRow);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "RNG");
  EXPECT_EQ(result.error().code, Code::unsupported);
}

TEST(Evaluate, refuses_graphs_that_do_not_fit) {
  LoweredGraph graph;
  graph.shapes[9] = kRow;
  graph.nodes = {{"POINTWISE EXP", {5}, 9, -1}};
  EXPECT_EQ(evaluate_lowered(graph, {}).error().message, "POINTWISE EXP: tensor 5 is not there");
  EXPECT_EQ(evaluate_lowered(graph, {{5, value(kRow, {1})}}).error().message, "tensor 5: 1 values");
  graph.shapes[9] = {1024, 1024, 1024, 1};
  const auto large = evaluate_lowered(graph, {{5, value(kRow, {1, 2, 3})}});
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, Code::limit);
}

TEST(Evaluate, keeps_a_value_until_its_last_reader) {
  LoweredGraph graph;
  graph.shapes = {{7, kRow}, {8, kRow}, {9, kRow}};
  graph.constants[1] = {2};
  graph.nodes = {{"POINTWISE MUL", {5, 1}, 7, -1},
                 {"POINTWISE ADD", {7, 1}, 8, -1},
                 {"POINTWISE ADD", {7, 8}, 9, -1}};
  const auto results = evaluate_lowered(graph, {{5, value(kRow, {1, 2, 3})}});
  ASSERT_TRUE(results.has_value()) << results.error().to_string();
  EXPECT_EQ(results->size(), 1U);
  EXPECT_EQ(results->at(9).values(2), 14);
  const auto wanted = evaluate_lowered(graph, {{5, value(kRow, {1, 2, 3})}}, {7});
  ASSERT_TRUE(wanted.has_value()) << wanted.error().to_string();
  EXPECT_EQ(wanted->size(), 2U);
  EXPECT_EQ(wanted->at(7).values(2), 6);
}

}  // namespace
}  // namespace attest
