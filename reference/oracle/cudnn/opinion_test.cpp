// A hand-made lowered graph agrees with the reference; a graph of another convention does not.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/opinion.h"

#include "harness/problem/data.h"
#include "reference/attention.h"

#include <gtest/gtest.h>

#include <limits>

namespace attest {
namespace {

/// Causal attention, top left, as cuDNN lowers it: row index against column index, then softmax.
LoweredGraph causal_graph(const Problem& p, const std::string& comparison) {
  const LoweredShape scores = {p.batch, p.heads_q, p.seq_q, p.seq_kv};
  const LoweredShape rows = {p.batch, p.heads_q, p.seq_q, 1};
  LoweredGraph graph;
  graph.constants[20] = {static_cast<double>(effective_scale(p))};
  graph.constants[21] = {-std::numeric_limits<double>::infinity()};
  const auto add = [&](std::string type,
                       std::vector<std::int64_t> inputs,
                       std::int64_t output,
                       LoweredShape shape,
                       std::int64_t axis = -1) {
    graph.shapes[output] = shape;
    graph.nodes.push_back({std::move(type), std::move(inputs), output, axis});
  };
  add("MATMUL", {1, 2}, 30, scores);
  add("POINTWISE MUL", {30, 20}, 31, scores);
  add("POINTWISE GEN_INDEX", {31}, 32, scores, 2);
  add("POINTWISE GEN_INDEX", {31}, 33, scores, 3);
  add("POINTWISE " + comparison, {32, 33}, 34, scores);
  add("POINTWISE BINARY_SELECT", {31, 21, 34}, 35, scores);
  add("REDUCTION MAX", {35}, 36, rows);
  add("POINTWISE SUB", {35, 36}, 37, scores);
  add("POINTWISE EXP", {37}, 38, scores);
  add("REDUCTION ADD", {38}, 39, rows);
  add("POINTWISE LOG", {39}, 40, rows);
  add("POINTWISE ADD", {36, 40}, 5, rows);
  add("POINTWISE DIV", {38, 39}, 41, scores);
  add("MATMUL", {41, 3}, 4, {p.batch, p.heads_q, p.seq_q, p.head_dim_v});
  return graph;
}

std::string verdict(const Problem& p, const std::string& comparison) {
  const auto sdpa = as_sdpa(p);
  const auto opinion = graph_opinion(causal_graph(p, comparison), p, sdpa.value());
  if (!opinion) return opinion.error().to_string();
  const auto difference = compare(p, *opinion, reference_attention(p, draw_inputs(p)));
  return difference ? to_string(*difference) : "";
}

Problem causal(const char* rest) {
  return parse_problem(std::string("attn(b=2,hq=4,hkv=2,dtype=bf16,mask=causal-tl,") + rest)
      .value();
}

TEST(GraphOpinion, agrees_where_the_convention_is_the_same) {
  EXPECT_EQ(verdict(causal("sq=33,skv=65,d=32)"), "CMP_GE"), "");
  EXPECT_EQ(verdict(causal("sq=65,skv=33,d=32,dv=64,layout=bhsd,gap(k=8))"), "CMP_GE"), "");
}

TEST(GraphOpinion, a_diagonal_that_is_hidden_disagrees) {
  const std::string difference = verdict(causal("sq=33,skv=65,d=32)"), "CMP_GT");
  EXPECT_NE(difference.find("lse at batch 0 head 0 row 0: the graph says nan"), std::string::npos)
      << difference;
}

TEST(GraphOpinion, a_scale_that_differs_by_1e_9_disagrees) {
  const Problem p = causal("sq=33,skv=65,d=32)");
  LoweredGraph graph = causal_graph(p, "CMP_GE");
  graph.constants[20][0] *= 1 + 1e-9;
  const auto opinion = graph_opinion(graph, p, as_sdpa(p).value());
  ASSERT_TRUE(opinion.has_value());
  EXPECT_TRUE(compare(p, *opinion, reference_attention(p, draw_inputs(p))).has_value());
}

TEST(GraphOpinion, a_wrong_value_of_o_is_found_in_its_place) {
  const Problem p = causal("sq=33,skv=65,d=32)");
  const ReferenceTerms reference = reference_attention(p, draw_inputs(p));
  GraphOpinion opinion{reference.o, reference.lse};
  EXPECT_FALSE(compare(p, opinion, reference).has_value());
  opinion.o[((1 * 4 + 3) * 33 + 20) * 32 + 5] += 1e-3;
  const auto difference = compare(p, opinion, reference);
  ASSERT_TRUE(difference.has_value());
  EXPECT_EQ(difference->tensor, "o");
  EXPECT_EQ(difference->batch, 1);
  EXPECT_EQ(difference->head, 3);
  EXPECT_EQ(difference->row, 20);
}

TEST(GraphOpinion, rows_without_a_visible_key_are_not_compared) {
  const Problem p = parse_problem("attn(sq=3,skv=2,d=8,mask=padding(0))").value();
  const ReferenceTerms reference = reference_attention(p, draw_inputs(p));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(compare(p, {std::vector<double>(24, nan), std::vector<double>(3, nan)}, reference)
                   .has_value());
}

TEST(ConventionProblem, keeps_all_but_the_data) {
  const Problem p = parse_problem("attn(sq=3,skv=2,data=poison,seed=7)").value();
  EXPECT_EQ(to_string(convention_problem(p)), "attn(sq=3,skv=2,seed=0x7)");
}

}  // namespace
}  // namespace attest
