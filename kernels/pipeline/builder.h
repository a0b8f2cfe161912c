// PlanBuilder: the stages of a pipeline one after the other, each with the first kernel that takes
// it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/kernel_spec.h"
#include "kernels/pipeline/pipeline.h"

#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// Memory of the plan from some element on: an operand before it has a role.
struct View {
  int buffer = 0;
  std::int64_t element = 0;  // of the layer's dtype
};

class PlanBuilder {
 public:
  explicit PlanBuilder(const LayerProblem& layer);

  [[nodiscard]] const LayerProblem& layer() const { return layer_; }
  [[nodiscard]] std::int64_t rows() const { return layer_.batch * layer_.seq; }
  [[nodiscard]] static View at(LayerBuffer buffer) { return {static_cast<int>(buffer), 0}; }
  /// An intermediate of so many elements of the layer's dtype, or of so many bytes.
  View elements(std::string name, std::int64_t count);
  View bytes(std::string name, std::int64_t count);

  /// One launch. The views are those of the buffers that the operation has, in the order of
  /// OperationBuffer.
  /// Errors  Code::unsupported, with every kernel's reason.
  Status operation(std::vector<LayerOperation> fuses,
                   const Operation& operation,
                   const std::vector<View>& views);
  /// q, k, v, o and lse of fused attention over the whole layer, masked by its operand.
  Status attention(const std::vector<View>& views);
  [[nodiscard]] PipelinePlan finish() && { return std::move(plan_); }

 private:
  void add(Stage stage, const std::vector<int>& roles, const std::vector<View>& views);

  LayerProblem layer_;
  PipelinePlan plan_;
};

}  // namespace attest
