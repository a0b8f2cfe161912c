// Plans are read key by key; what is not known is named.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/graph.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace attest {
namespace {

using Json = nlohmann::json;

/// A plan of schema 4 with one node of each kind, in the frontend's wrapping.
struct Plan {
  Json frontend = {
      {"pass_by_values",
       {{"5", {{"index", 3}, {"value", "FF800000"}}}, {"6", {{"index", 1}, {"value", 21}}}}},
      {"workspace_modifications",
       {{"8", {0, 16, {"3F000000", "3E800000"}}}, {"9", {1, 0, {"44800000"}}}}}};
  Json backend = {
      {"schemaVersion", 4},
      {"cudnnVersion", 91900},
      {"engine",
       {{"engineId", 2},
        {"payload", {{"kernels", {{{"kernelName", "kernel0_0"}, {"cubin", ""}}}}}}}},
      {"operationGraph",
       {{"finalizeMode", "SDPA_FWD"}, {"nodes", Json::array()}, {"tensors", Json::array()}}}};

  Plan() {
    for (const char* name : {"1", "2", "3"})
      tensors().push_back({{"name", name}, {"dim", {1, 2, 3, 4}}, {"vectCount", 1}});
    nodes().push_back({{"operation", "CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR"},
                       {"matA", "1"},
                       {"matB", "2"},
                       {"matC", "3"},
                       {"mOverride", "4"}});
    nodes().push_back({{"operation", "CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR"},
                       {"pointwiseMode", "CUDNN_POINTWISE_BINARY_SELECT"},
                       {"X", "1"},
                       {"B", "5"},
                       {"T", "2"},
                       {"Y", "3"},
                       {"alpha1", 1.0},
                       {"alpha2", 1.0}});
    nodes().push_back({{"operation", "CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR"},
                       {"reductionOp", "CUDNN_REDUCE_TENSOR_MAX"},
                       {"X", "3"},
                       {"Y", "1"}});
  }
  Json& nodes() { return backend["operationGraph"]["nodes"]; }
  Json& tensors() { return backend["operationGraph"]["tensors"]; }
  [[nodiscard]] Result<LoweredPlan> read() const {
    Json whole = frontend;
    whole["cudnn_backend_data"] = backend.dump();
    return read_plan_json(whole.dump());
  }
  [[nodiscard]] std::string complaint() const {
    const auto plan = read();
    return plan ? "" : plan.error().to_string();
  }
};

// As a sink's plan has it: the maximum (3 -> 1) has its input's shape, what reads it has not.
TEST(PlanGraph, a_reduction_is_as_small_as_its_reader) {
  Plan plan;
  plan.tensors().push_back({{"name", "7"}, {"dim", {1, 2, 3, 1}}, {"vectCount", 1}});
  EXPECT_EQ(plan.read()->graph.shapes.at(1), (LoweredShape{1, 2, 3, 4}));
  plan.nodes().push_back({{"operation", "CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR"},
                          {"pointwiseMode", "CUDNN_POINTWISE_MAX"},
                          {"X", "1"},
                          {"B", "5"},
                          {"Y", "7"},
                          {"alpha1", 1.0},
                          {"alpha2", 1.0}});
  EXPECT_EQ(plan.read()->graph.shapes.at(1), (LoweredShape{1, 2, 3, 1}));
  EXPECT_EQ(plan.read()->graph.shapes.at(3), (LoweredShape{1, 2, 3, 4}));
}

TEST(PlanGraph, is_read) {
  const auto plan = Plan().read();
  ASSERT_TRUE(plan.has_value()) << plan.error().to_string();
  EXPECT_EQ(plan->engine, 2);
  EXPECT_EQ(plan->kernels, std::vector<std::string>{"kernel0_0"});
  const LoweredGraph& graph = plan->graph;
  EXPECT_EQ(graph.shapes.at(2), (LoweredShape{1, 2, 3, 4}));
  ASSERT_EQ(graph.nodes.size(), 3U);
  EXPECT_EQ(graph.nodes[0].type, "MATMUL");
  EXPECT_EQ(graph.nodes[1].type, "POINTWISE BINARY_SELECT");
  EXPECT_EQ(graph.nodes[1].inputs, (std::vector<std::int64_t>{1, 5, 2}));
  EXPECT_EQ(graph.nodes[2].type, "REDUCTION MAX");
  EXPECT_EQ(graph.nodes[2].output, 1);
  EXPECT_EQ(graph.constants.at(5), std::vector<double>{-std::numeric_limits<double>::infinity()});
  EXPECT_EQ(graph.constants.at(6), std::vector<double>{21});
  EXPECT_EQ(graph.constants.at(8), (std::vector<double>{0.5, 0.25}));
  EXPECT_EQ(graph.constants.count(9), 0U);  // memory set to 0 is no operand
}

TEST(PlanGraph, is_read_as_the_frontend_writes_it) {
  Plan plan;
  Json whole = plan.frontend;
  whole["cudnn_backend_data"] = plan.backend.dump();
  const auto bytes = Json::to_ubjson(whole);
  const auto read = read_plan(bytes);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(read->graph.nodes.size(), 3U);
  EXPECT_EQ(backend_json(bytes).value(), plan.backend.dump());
}

TEST(PlanGraph, keeps_the_name_of_an_operation_that_is_not_known) {
  Plan plan;
  plan.nodes().push_back({{"operation", "CUDNN_BACKEND_OPERATION_RNG_DESCRIPTOR"}, {"seed", "7"}});
  EXPECT_EQ(plan.read().value().graph.nodes[3].type, "RNG");
}

TEST(PlanGraph, names_a_key_that_is_not_known) {
  Plan plan;
  plan.nodes()[1]["gamma"] = 1;
  EXPECT_EQ(plan.complaint(),
            "cuDNN plan: a pointwise node has the key 'gamma', which this program does not know");
  plan = Plan();
  plan.tensors()[0]["sparse"] = true;
  EXPECT_EQ(plan.complaint(),
            "cuDNN plan: a tensor has the key 'sparse', which this program does not know");
  plan = Plan();
  plan.backend["operationGraph"]["edges"] = 1;
  EXPECT_EQ(
      plan.complaint(),
      "cuDNN plan: the operation graph has the key 'edges', which this program does not know");
  plan = Plan();
  plan.backend["more"] = 1;
  EXPECT_EQ(plan.complaint(),
            "cuDNN plan: the plan has the key 'more', which this program does not know");
  plan = Plan();
  plan.frontend["more"] = 1;
  EXPECT_EQ(
      plan.complaint(),
      "cuDNN plan: the serialised graph has the key 'more', which this program does not know");
}

TEST(PlanGraph, refuses_another_schema_and_what_it_cannot_evaluate) {
  Plan plan;
  plan.backend["schemaVersion"] = 5;
  EXPECT_EQ(plan.complaint(), "cuDNN plan: schema version 5, this program reads 4");
  plan = Plan();
  plan.nodes()[1]["alpha2"] = 2.0;
  EXPECT_EQ(plan.complaint(), "cuDNN plan: a pointwise node scales its operands");
  plan = Plan();
  plan.tensors()[0]["vectCount"] = 4;
  EXPECT_EQ(plan.complaint(), "cuDNN plan: a tensor's elements are vectors");
  plan = Plan();
  plan.tensors()[0]["dim"] = {1, 1, 1, 1, 1};
  EXPECT_EQ(plan.complaint(), "cuDNN plan: a tensor has 5 axes, expected at most 4");
  plan = Plan();
  plan.nodes()[0]["matA"] = "1x";
  EXPECT_EQ(plan.complaint(), "cuDNN plan: found tensor '1x', expected a number");
}

TEST(PlanGraph, refuses_what_is_no_plan) {
  for (const char* text : {"", "{", "[]", "{}", "{\"cudnn_backend_data\":3}", "null"}) {
    const auto plan = read_plan_json(text);
    EXPECT_FALSE(plan.has_value()) << text;
  }
  EXPECT_FALSE(read_plan({1, 2, 3}).has_value());
}

}  // namespace
}  // namespace attest
