// Pipeline: the layer as a list of launches, and what each of them computes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch.h"
#include "harness/base/result.h"
#include "harness/problem/arithmetic.h"
#include "harness/problem/layer.h"
#include "harness/problem/layer_operation.h"
#include "harness/problem/operation.h"
#include "harness/problem/problem.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace attest {

/// Memory of a plan. The first kLayerBuffers are those of LayerBuffer; the rest are intermediates.
struct PlanBuffer {
  std::string name;  // "x", "qkv", "scores"
  std::int64_t size_bytes = 0;
};

/// Where an operand of a launch lies: buffer `buffer` of the plan from `byte_offset` on.
struct Operand {
  int role = 0;  // OperationBuffer, AttentionBuffer or LayerBuffer, as the problem says
  int buffer = 0;
  std::int64_t byte_offset = 0;
};

/// One launch: what it computes by itself, on which memory, and how.
struct Stage {
  std::vector<LayerOperation> fuses;  // in the order in which they happen
  std::variant<Operation, Problem, LayerProblem> problem;
  std::vector<Operand> operands;
  Arithmetic arithmetic;
  Launch launch;           // its relocations name the plan's buffers
  std::string_view ptxas;  // what `ptxas -v` said about its module
};

struct PipelinePlan {
  std::vector<PlanBuffer> buffers;
  std::vector<Stage> stages;
  /// What a launch of the whole layer computes, step by step on the plan's buffers: stages whose
  /// `launch` is empty. Only where there is such a launch.
  std::vector<Stage> parts = {};
};

struct Pipeline {
  std::string name;      // "epilogue-fused"
  std::string sentence;  // what is fused, for a person
  int launches = 0;      // what it claims; the launch log must agree
  /// Errors  Code::unsupported, naming the launch and what its kernel does not take.
  std::function<Result<PipelinePlan>(const LayerProblem&)> plan;
};

/// "q k^T, / sqrt(head_dim), mask == 0".
[[nodiscard]] std::string to_text(const std::vector<LayerOperation>& operations);

/// Every pipeline, sorted by name (generated from kernels/pipeline/CMakeLists.txt).
[[nodiscard]] const std::vector<Pipeline>& all_pipelines();
/// The same, from most launches to one.
[[nodiscard]] std::vector<const Pipeline*> pipelines_by_launches();

}  // namespace attest
