// PlanBuilder: buffers, the choice of a kernel, and the launch on the plan's memory.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/builder.h"

#include "harness/base/check.h"
#include "kernels/operation_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace attest {
namespace {

/// The attention that the layer contains: q, k, v and o as [batch, seq, heads, head_dim].
Problem attention_of(const LayerProblem& layer) {
  Problem problem;
  problem.batch = layer.batch;
  problem.heads_q = problem.heads_kv = layer.heads;
  problem.seq_q = problem.seq_kv = layer.seq;
  problem.head_dim = problem.head_dim_v = layer.head_dim();
  problem.dtype = layer.dtype;
  problem.layout = Layout::bshd;
  problem.mask.boolean = true;
  problem.fill = layer.fill;
  problem.seed = layer.seed;
  return problem;
}

/// The first spec that takes the problem.
template <class Spec, class Problem>
Result<const Spec*> choose(const std::vector<Spec>& specs,
                           const std::vector<LayerOperation>& fuses,
                           const Problem& problem) {
  std::string reasons;
  for (const Spec& spec : specs) {
    const auto reason = spec.refusal(problem);
    if (!reason) return &spec;
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", spec.name, *reason);
  }
  return Error{Code::unsupported,
               fmt::format("no kernel takes {}; {}", to_string(problem), reasons),
               fmt::format("launch '{}'", to_text(fuses))};
}

/// A launch names buffers by role; from here on by their number in the plan.
void name_buffers(Launch& launch, const std::vector<Operand>& operands) {
  for (Relocation& relocation : launch.relocations) {
    const auto operand = std::find_if(operands.begin(), operands.end(), [&](const Operand& o) {
      return o.role == relocation.buffer;
    });
    ATTEST_CHECK(operand != operands.end());
    relocation.buffer = operand->buffer;
    relocation.byte_offset += operand->byte_offset;
  }
}

}  // namespace

PlanBuilder::PlanBuilder(const LayerProblem& layer) : layer_(layer) {
  for (const LayerBuffer buffer : kLayerBufferList)
    plan_.buffers.push_back({std::string(name(buffer)), buffer_bytes(layer, buffer)});
}

View PlanBuilder::elements(std::string name, std::int64_t count) {
  return bytes(std::move(name), count * size_bytes(layer_.dtype));
}

View PlanBuilder::bytes(std::string name, std::int64_t count) {
  plan_.buffers.push_back({std::move(name), count});
  return {static_cast<int>(plan_.buffers.size()) - 1, 0};
}

void PlanBuilder::add(Stage stage, const std::vector<int>& roles, const std::vector<View>& views) {
  ATTEST_CHECK(roles.size() == views.size());
  for (std::size_t n = 0; n < roles.size(); ++n) {
    stage.operands.push_back(
        {roles[n], views[n].buffer, views[n].element * size_bytes(layer_.dtype)});
  }
  name_buffers(stage.launch, stage.operands);
  plan_.stages.push_back(std::move(stage));
}

Status PlanBuilder::operation(std::vector<LayerOperation> fuses,
                              const Operation& operation,
                              const std::vector<View>& views) {
  ATTEST_TRY([[maybe_unused]] const Done valid, validate(operation));
  ATTEST_TRY(const OperationSpec* spec, choose(all_operation_specs(), fuses, operation));
  std::vector<int> roles;
  for (const OperationBuffer buffer : kOperationBufferList) {
    if (has_buffer(operation, buffer)) roles.push_back(static_cast<int>(buffer));
  }
  Stage stage;
  stage.fuses = std::move(fuses);
  stage.problem = operation;
  stage.arithmetic = spec->arithmetic(operation);
  stage.launch = spec->plan(spec->image, operation);
  stage.ptxas = spec->ptxas;
  add(std::move(stage), roles, views);
  return Done{};
}

Status PlanBuilder::attention(const std::vector<View>& views) {
  const std::vector<LayerOperation> fuses = {LayerOperation::multiply_qk,
                                             LayerOperation::scale,
                                             LayerOperation::compare_mask,
                                             LayerOperation::fill,
                                             LayerOperation::softmax,
                                             LayerOperation::multiply_pv};
  const Problem problem = attention_of(layer_);
  ATTEST_TRY([[maybe_unused]] const Done valid, validate(problem));
  ATTEST_TRY(const KernelSpec* spec, choose(all_kernels(), fuses, problem));
  std::vector<Launch> launches = spec->plan(spec->image, problem);
  ATTEST_CHECK(launches.size() == 1);
  std::vector<View> operands = views;
  operands.push_back(at(LayerBuffer::mask));
  Stage stage;
  stage.fuses = fuses;
  stage.problem = problem;
  stage.arithmetic = spec->arithmetic(problem);
  stage.launch = std::move(launches.front());
  stage.ptxas = spec->ptxas;
  std::vector<int> roles;
  for (int role = static_cast<int>(AttentionBuffer::q);
       role <= static_cast<int>(AttentionBuffer::keep);
       ++role)
    roles.push_back(role);
  add(std::move(stage), roles, operands);
  return Done{};
}

std::string to_text(const std::vector<LayerOperation>& operations) {
  std::string text;
  for (const LayerOperation operation : operations)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name(operation));
  return text;
}

std::vector<const Pipeline*> pipelines_by_launches() {
  std::vector<const Pipeline*> sorted;
  for (const Pipeline& pipeline : all_pipelines())
    sorted.push_back(&pipeline);
  std::sort(sorted.begin(), sorted.end(), [](const Pipeline* a, const Pipeline* b) {
    return a->launches > b->launches;
  });
  return sorted;
}

}  // namespace attest
