// Pipeline single: the whole layer in one cooperative launch.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_launch.h"
#include "kernels/pipeline/builder.h"

#include <fmt/format.h>

#include <array>

namespace attest {
Pipeline pipeline_flash();
namespace {

/// What flash does in three launches, on the memory of the one; its LSE stays inside.
Result<std::vector<Stage>> parts(const LayerProblem& layer) {
  ATTEST_TRY(PipelinePlan flash, pipeline_flash().plan(layer));
  const std::int64_t tensor = layer.batch * layer.seq * layer.dim * size_bytes(layer.dtype);
  constexpr auto kQkv = static_cast<int>(LayerWorkspace::qkv);
  constexpr auto kO = static_cast<int>(LayerWorkspace::o);
  constexpr int kLse = -1;
  // Of q, k, v, o and lse, the intermediates of flash in their order.
  const std::array<Operand, 5> places = {
      {{0, kQkv, 0}, {0, kQkv, tensor}, {0, kQkv, 2 * tensor}, {0, kO, 0}, {0, kLse, 0}}};
  for (Stage& part : flash.stages) {
    part.launch = {};
    part.arithmetic = layer_single_arithmetic(layer);
    std::vector<Operand> operands;
    for (Operand operand : part.operands) {
      if (operand.buffer >= kLayerBuffers) {
        const Operand& place = places.at(static_cast<std::size_t>(operand.buffer - kLayerBuffers));
        if (place.buffer == kLse) continue;
        operand.buffer = place.buffer;
        operand.byte_offset += place.byte_offset;
      }
      operands.push_back(operand);
    }
    part.operands = std::move(operands);
  }
  return std::move(flash.stages);
}

Result<PipelinePlan> plan_layer(const LayerProblem& layer) {
  if (const auto reason = refuse_layer(layer)) {
    return Error{Code::unsupported,
                 fmt::format("layer_single does not take {}: {}", to_string(layer), *reason),
                 ""};
  }
  PlanBuilder builder(layer);
  builder.bytes("qkv", size_bytes(layer, LayerWorkspace::qkv));
  builder.bytes("o", size_bytes(layer, LayerWorkspace::o));
  PipelinePlan plan = std::move(builder).finish();
  ATTEST_TRY(plan.parts, parts(layer));
  Stage stage;
  stage.problem = layer;
  stage.arithmetic = layer_single_arithmetic(layer);
  stage.launch = plan_layer_single(layer);
  stage.ptxas = layer_single_ptxas();
  for (const Stage& part : plan.parts)
    stage.fuses.insert(stage.fuses.end(), part.fuses.begin(), part.fuses.end());
  for (int buffer = 0; buffer < static_cast<int>(plan.buffers.size()); ++buffer)
    stage.operands.push_back({buffer, buffer, 0});
  plan.stages.push_back(std::move(stage));
  return plan;
}

}  // namespace

Pipeline pipeline_single() {
  return {"single", "the whole layer in one cooperative launch", 1, plan_layer};
}

}  // namespace attest
