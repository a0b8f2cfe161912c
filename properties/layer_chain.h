// LayerChain: what the launches of a pipeline left in memory, each judged alone and all together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/judge/judge.h"
#include "harness/problem/case.h"
#include "kernels/pipeline/pipeline.h"
#include "reference/balls.h"
#include "reference/likely_errors.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace attest {

/// y against the reference of the whole layer, twice.
struct WholeJudgement {
  Judgement likely;  // within what errors add up to in all likelihood, where that is less
  Judgement worst;   // within what they can add up to
};

/// Launch by launch: a stage is judged on the operands that it found in memory. How far these may
/// lie from the exact ones is carried on through it, at worst and in all likelihood.
class LayerChain {
 public:
  /// `buffers`: bytes of the plan's buffers after the run; outlives this.
  LayerChain(const LayerProblem& layer,
             const std::vector<std::vector<std::byte>>& buffers,
             std::string arch,
             MmaBits mma);

  /// Of a stage whose operands were judged already. Errors of its result are kept.
  [[nodiscard]] Judgement judge_stage(const Stage& stage);
  /// Within the errors that the stages may have made.
  [[nodiscard]] WholeJudgement judge_whole(const std::vector<double>& reference) const;

 private:
  /// Of each element of each buffer; a buffer without any is exact.
  using Errors = std::vector<std::vector<double>>;

  /// As the mode has it: fast mma accumulate as fma do.
  [[nodiscard]] Arithmetic arithmetic(const Stage& stage) const;
  [[nodiscard]] HostTensor tensor(const Stage& stage, int role, const TensorLayout& layout) const;
  [[nodiscard]] Balls balls(const Stage& stage,
                            int role,
                            const TensorLayout& layout,
                            const Errors& errors) const;
  [[nodiscard]] std::vector<std::uint8_t> bytes(const Stage& stage,
                                                int role,
                                                std::int64_t count) const;
  [[nodiscard]] std::vector<std::uint8_t> keep_bytes(const Stage& stage,
                                                     const Problem& problem) const;
  void keep(Errors& errors,
            const Operand& operand,
            const TensorLayout& layout,
            const double* error,
            std::int64_t row_stride) const;
  [[nodiscard]] OperandBalls operands(const Stage& stage,
                                      const Operation& operation,
                                      const Errors& errors) const;
  [[nodiscard]] bool reads_rows_of_heads(const Stage& stage, const Operation& operation) const;
  [[nodiscard]] LikelyErrors likely_of(const Stage& stage, const Operation& operation) const;
  void follow(const Stage& stage, const Operation& operation, const OperationOutputs& outputs);
  void follow(const Stage& stage, const Problem& problem);
  Judgement judge_operation_stage(const Stage& stage, const Operation& operation);
  Judgement judge_attention_stage(const Stage& stage, const Problem& problem);

  LayerProblem layer_;
  const std::vector<std::vector<std::byte>>& buffers_;
  std::string arch_;
  MmaBits mma_;
  Errors worst_;
  Errors likely_;
  Errors apart_;                                   // likely ones, less the shared
  std::vector<std::vector<SharedErrors>> shared_;  // by buffer
};

}  // namespace attest
