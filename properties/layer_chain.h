// LayerChain: what the launches of a pipeline left in memory, each judged alone and all together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/judge.h"
#include "harness/problem/case.h"
#include "kernels/pipeline/pipeline.h"
#include "reference/balls.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// Launch by launch: a stage is judged on the operands that it found in memory, and how far these
/// may lie from the exact ones is carried on through it.
class LayerChain {
 public:
  /// `buffers`: bytes of the plan's buffers after the run; outlives this.
  LayerChain(const LayerProblem& layer,
             const std::vector<std::vector<std::byte>>& buffers,
             std::string arch,
             MmaBits mma);

  /// Of a stage whose operands were judged already. Errors of its result become radii.
  [[nodiscard]] Judgement judge_stage(const Stage& stage);
  /// y against the reference of the whole layer, within the errors that the stages may have made.
  [[nodiscard]] Judgement judge_whole(const std::vector<double>& reference) const;

 private:
  [[nodiscard]] HostTensor tensor(const Stage& stage, int role, const TensorLayout& layout) const;
  [[nodiscard]] Balls balls(const Stage& stage, int role, const TensorLayout& layout) const;
  [[nodiscard]] std::vector<std::uint8_t> bytes(const Stage& stage,
                                                int role,
                                                std::int64_t count) const;
  void keep_radius(const Stage& stage,
                   int role,
                   const TensorLayout& layout,
                   const double* radius,
                   std::int64_t row_stride);
  Judgement judge_operation_stage(const Stage& stage, const Operation& operation);
  Judgement judge_attention_stage(const Stage& stage, const Problem& problem);

  LayerProblem layer_;
  const std::vector<std::vector<std::byte>>& buffers_;
  /// As the mode has it: fast mma accumulate as fma do.
  [[nodiscard]] Arithmetic arithmetic(const Stage& stage) const;

  std::string arch_;
  MmaBits mma_;
  std::vector<std::vector<double>> radius_;  // of each element of a buffer; empty: exact
};

}  // namespace attest
