// The pipelines as plans: launches, memory that fits, and what is written before it is read.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/pipeline.h"

#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace attest {
namespace {

LayerProblem layer(Dtype dtype) {
  LayerProblem problem;
  problem.batch = 2;
  problem.seq = 70;
  problem.dim = 192;
  problem.heads = 3;
  problem.dtype = dtype;
  return problem;
}

/// Buffers of the plan that a stage writes.
std::set<int> written(const Stage& stage) {
  std::set<int> roles;
  if (std::holds_alternative<Operation>(stage.problem)) {
    for (const auto role : {OperationBuffer::c, OperationBuffer::c1, OperationBuffer::c2})
      roles.insert(static_cast<int>(role));
  } else if (std::holds_alternative<Problem>(stage.problem)) {
    roles = {static_cast<int>(AttentionBuffer::o), static_cast<int>(AttentionBuffer::lse)};
  } else {
    roles = {static_cast<int>(LayerBuffer::y)};
  }
  std::set<int> buffers;
  for (const Operand& operand : stage.operands) {
    const bool is_workspace =
        std::holds_alternative<LayerProblem>(stage.problem) && operand.role >= kLayerBuffers;
    if (is_workspace || roles.count(operand.role) != 0) buffers.insert(operand.buffer);
  }
  return buffers;
}

TEST(Pipelines, FallFromTenLaunches) {
  std::vector<int> launches;
  for (const Pipeline* pipeline : pipelines_by_launches())
    launches.push_back(pipeline->launches);
  ASSERT_FALSE(launches.empty());
  EXPECT_EQ(launches.front(), 10);
  EXPECT_TRUE(std::is_sorted(launches.rbegin(), launches.rend()));
  EXPECT_EQ(std::set<int>(launches.begin(), launches.end()).size(), launches.size());
}

TEST(Pipelines, PlanWhatTheyClaim) {
  for (const Pipeline& pipeline : all_pipelines()) {
    for (const Dtype dtype : kDtypes) {
      SCOPED_TRACE(pipeline.name);
      auto plan = pipeline.plan(layer(dtype));
      ASSERT_TRUE(plan) << plan.error().to_string();
      EXPECT_EQ(static_cast<int>(plan->stages.size()), pipeline.launches);
      std::set<std::string> names;
      for (const PlanBuffer& buffer : plan->buffers) {
        EXPECT_GT(buffer.size_bytes, 0) << buffer.name;
        EXPECT_TRUE(names.insert(buffer.name).second) << buffer.name << " twice";
      }
    }
  }
}

// Memory is written once, by an earlier launch than the one that reads it.
TEST(Pipelines, ReadWhatWasWritten) {
  for (const Pipeline& pipeline : all_pipelines()) {
    SCOPED_TRACE(pipeline.name);
    auto plan = pipeline.plan(layer(Dtype::f16));
    ASSERT_TRUE(plan);
    std::set<int> known;
    for (int buffer = 0; buffer < static_cast<int>(LayerBuffer::y); ++buffer)
      known.insert(buffer);
    for (const Stage& stage : plan->stages) {
      const std::set<int> outputs = written(stage);
      EXPECT_FALSE(outputs.empty()) << to_text(stage.fuses);
      for (const Operand& operand : stage.operands) {
        if (outputs.count(operand.buffer) != 0) continue;
        EXPECT_EQ(known.count(operand.buffer), 1u)
            << to_text(stage.fuses) << " reads "
            << plan->buffers[static_cast<std::size_t>(operand.buffer)].name;
      }
      for (const int buffer : outputs)
        EXPECT_TRUE(known.insert(buffer).second) << to_text(stage.fuses) << " writes twice";
    }
    EXPECT_EQ(known.size(), plan->buffers.size());
  }
}

// Every pointer of a launch lies in its buffer, and an operation's operand ends in it.
TEST(Pipelines, OperandsFitTheirBuffers) {
  for (const Pipeline& pipeline : all_pipelines()) {
    auto plan = pipeline.plan(layer(Dtype::bf16));
    ASSERT_TRUE(plan);
    for (const Stage& stage : plan->stages) {
      SCOPED_TRACE(pipeline.name + ": " + to_text(stage.fuses));
      for (const Relocation& relocation : stage.launch.relocations) {
        const PlanBuffer& buffer = plan->buffers.at(static_cast<std::size_t>(relocation.buffer));
        EXPECT_LT(relocation.byte_offset, buffer.size_bytes) << buffer.name;
      }
      const auto* operation = std::get_if<Operation>(&stage.problem);
      if (operation == nullptr) continue;
      for (const Operand& operand : stage.operands) {
        const PlanBuffer& buffer = plan->buffers.at(static_cast<std::size_t>(operand.buffer));
        const auto role = static_cast<OperationBuffer>(operand.role);
        EXPECT_LE(operand.byte_offset + buffer_bytes(*operation, role), buffer.size_bytes)
            << buffer.name;
      }
    }
  }
}

// The only tensor with a row for each query and a column for each key is the mask.
TEST(Pipelines, FlashStoresNoScores) {
  const LayerProblem problem = layer(Dtype::f16);
  for (const Pipeline& pipeline : all_pipelines()) {
    auto plan = pipeline.plan(problem);
    ASSERT_TRUE(plan);
    const bool has_scores =
        std::any_of(plan->buffers.begin(), plan->buffers.end(), [&](const PlanBuffer& buffer) {
          return buffer.name == "scores" || buffer.name == "weights";
        });
    EXPECT_EQ(has_scores, pipeline.launches > 3) << pipeline.name;
  }
}

// Each operation is in one launch; slices may be views.
TEST(Pipelines, DoEverythingOnce) {
  for (const Pipeline& pipeline : all_pipelines()) {
    auto plan = pipeline.plan(layer(Dtype::f32));
    ASSERT_TRUE(plan);
    std::map<LayerOperation, int> times;
    for (const Stage& stage : plan->stages) {
      for (const LayerOperation operation : stage.fuses)
        ++times[operation];
    }
    for (std::size_t n = 0; n < kLayerOperations; ++n) {
      const auto operation = static_cast<LayerOperation>(n);
      if (operation == LayerOperation::slice && times[operation] == 0) continue;
      EXPECT_EQ(times[operation], 1) << pipeline.name << ": " << name(operation);
    }
  }
}

TEST(Pipelines, SayWhatNoKernelTakes) {
  LayerProblem problem = layer(Dtype::f16);
  problem.dim = 3 * 2000;  // a head that no attention kernel takes
  for (const Pipeline& pipeline : all_pipelines()) {
    auto plan = pipeline.plan(problem);
    if (pipeline.launches > 3) continue;
    ASSERT_FALSE(plan) << pipeline.name;
    EXPECT_EQ(plan.error().code, Code::unsupported);
  }
}

}  // namespace
}  // namespace attest
