// Views of memory as operands, the judgement of a stage, and the errors that it leaves behind.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_chain.h"

#include "harness/base/check.h"
#include "harness/judge/operation_judge.h"
#include "harness/judge/rounding_errors.h"
#include "kernels/kernel_spec.h"
#include "reference/attention_balls.h"
#include "reference/likely_errors.h"
#include "reference/operation.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace attest {
namespace {

const Operand* find_operand(const Stage& stage, int role) {
  const auto at = std::find_if(stage.operands.begin(),
                               stage.operands.end(),
                               [role](const Operand& operand) { return operand.role == role; });
  return at == stage.operands.end() ? nullptr : &*at;
}

const Operand& operand_of(const Stage& stage, int role) {
  const Operand* const operand = find_operand(stage, role);
  ATTEST_CHECK(operand != nullptr);
  return *operand;
}

int role(OperationBuffer buffer) {
  return static_cast<int>(buffer);
}
int role(AttentionBuffer buffer) {
  return static_cast<int>(buffer);
}

constexpr std::array kParts = {OperationBuffer::c, OperationBuffer::c1, OperationBuffer::c2};

}  // namespace

LayerChain::LayerChain(const LayerProblem& layer,
                       const std::vector<std::vector<std::byte>>& buffers,
                       std::string arch,
                       MmaBits mma)
    : layer_(layer),
      buffers_(buffers),
      arch_(std::move(arch)),
      mma_(mma),
      worst_(buffers.size()),
      likely_(buffers.size()),
      apart_(buffers.size()),
      shared_(buffers.size()) {}

Arithmetic LayerChain::arithmetic(const Stage& stage) const {
  Arithmetic arithmetic = stage.arithmetic;
  if (mma_ == MmaBits::fast) arithmetic.accumulate = Accumulate::fma_f32;
  return arithmetic;
}

HostTensor LayerChain::tensor(const Stage& stage, int role, const TensorLayout& layout) const {
  const Operand& operand = operand_of(stage, role);
  const auto& buffer = buffers_[static_cast<std::size_t>(operand.buffer)];
  const std::int64_t size = layout.span_elements() * size_bytes(layout.dtype);
  ATTEST_CHECK(operand.byte_offset + size <= static_cast<std::int64_t>(buffer.size()));
  const auto first = buffer.begin() + operand.byte_offset;
  return {layout, {first, first + size}};
}

Balls LayerChain::balls(const Stage& stage,
                        int role,
                        const TensorLayout& layout,
                        const Errors& errors) const {
  Balls balls = exact_balls(tensor(stage, role, layout));
  const Operand& operand = operand_of(stage, role);
  const std::vector<double>& kept = errors[static_cast<std::size_t>(operand.buffer)];
  if (kept.empty()) return balls;
  const auto first = kept.begin() + operand.byte_offset / size_bytes(layout.dtype);
  balls.radius.assign(first, first + layout.span_elements());
  return balls;
}

std::vector<std::uint8_t> LayerChain::bytes(const Stage& stage,
                                            int role,
                                            std::int64_t count) const {
  const Operand& operand = operand_of(stage, role);
  const auto& buffer = buffers_[static_cast<std::size_t>(operand.buffer)];
  ATTEST_CHECK(operand.byte_offset + count <= static_cast<std::int64_t>(buffer.size()));
  std::vector<std::uint8_t> out(static_cast<std::size_t>(count));
  if (count > 0) std::memcpy(out.data(), buffer.data() + operand.byte_offset, out.size());
  return out;
}

std::vector<std::uint8_t> LayerChain::keep_bytes(const Stage& stage, const Problem& problem) const {
  return bytes(stage, role(AttentionBuffer::keep), problem.batch * problem.seq_q * problem.seq_kv);
}

/// `error`: of the tensor's first element, rows `row_stride` apart, batches and heads outside.
void LayerChain::keep(Errors& errors,
                      const Operand& operand,
                      const TensorLayout& layout,
                      const double* error,
                      std::int64_t row_stride) const {
  const auto number = static_cast<std::size_t>(operand.buffer);
  const std::int64_t size = size_bytes(layout.dtype);
  std::vector<double>& kept = errors[number];
  kept.resize(buffers_[number].size() / static_cast<std::size_t>(size));
  double* const to = kept.data() + operand.byte_offset / size;
  const auto& [batch, heads, rows, columns] = layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        const double* const from = error + ((b * heads + h) * rows + r) * row_stride;
        std::copy_n(from, columns, to + layout.offset(b, h, r, 0));
      }
    }
  }
}

OperandBalls LayerChain::operands(const Stage& stage,
                                  const Operation& operation,
                                  const Errors& errors) const {
  OperandBalls out;
  const auto take = [&](OperationBuffer buffer) -> Balls {
    if (!has_buffer(operation, buffer) || holds_bytes(operation, buffer)) return {};
    return balls(stage, role(buffer), buffer_layout(operation, buffer), errors);
  };
  out.a = take(OperationBuffer::a);
  out.b = take(OperationBuffer::b);
  out.bias = take(OperationBuffer::bias);
  if (has_buffer(operation, OperationBuffer::mask)) {
    out.mask =
        bytes(stage, role(OperationBuffer::mask), buffer_bytes(operation, OperationBuffer::mask));
  }
  return out;
}

/// Whether A is all of a tensor [batch, seq, heads, head_dim], heads side by side.
bool LayerChain::reads_rows_of_heads(const Stage& stage, const Operation& operation) const {
  const auto* const gemm = std::get_if<Gemm>(&operation);
  return gemm != nullptr && !gemm->transpose_a && gemm->a == Placement{} && gemm->batch == 1 &&
         gemm->heads == 1 && gemm->m == layer_.batch * layer_.seq && gemm->k == layer_.dim &&
         operand_of(stage, role(OperationBuffer::a)).byte_offset == 0;
}

LikelyErrors LayerChain::likely_of(const Stage& stage, const Operation& operation) const {
  const RoundingModel model = rounding_errors(operation, arithmetic(stage), arch_);
  if (reads_rows_of_heads(stage, operation)) {
    const Operand& a = operand_of(stage, role(OperationBuffer::a));
    return likely_errors(operation,
                         operands(stage, operation, apart_),
                         model,
                         shared_[static_cast<std::size_t>(a.buffer)]);
  }
  return likely_errors(operation, operands(stage, operation, likely_), model);
}

void LayerChain::follow(const Stage& stage,
                        const Operation& operation,
                        const OperationOutputs& outputs) {
  const Arithmetic how = arithmetic(stage);
  const OperationTerms moved = reference_operation(operation, operands(stage, operation, worst_));
  const std::vector<double> worst = allowed_errors(operation, moved, how, arch_);
  LikelyErrors likely = likely_of(stage, operation);
  const std::int64_t columns = result_shape(operation)[3];
  std::int64_t first = 0;
  for (std::size_t n = 0; n < outputs.c.size(); ++n) {
    const Operand& operand = operand_of(stage, role(kParts[n]));
    const TensorLayout& layout = outputs.c[n].layout;
    keep(worst_, operand, layout, worst.data() + first, columns);
    keep(likely_, operand, layout, likely.all.data() + first, columns);
    keep(apart_, operand, layout, likely.apart.data() + first, columns);
    first += layout.shape[3];
  }
  if (outputs.c.size() > 1) return;
  const Operand& c = operand_of(stage, role(OperationBuffer::c));
  shared_[static_cast<std::size_t>(c.buffer)] = std::move(likely.shared);
}

Judgement LayerChain::judge_operation_stage(const Stage& stage, const Operation& operation) {
  OperationOutputs outputs;
  for (const OperationBuffer part : kParts) {
    if (!has_buffer(operation, part)) continue;
    if (holds_bytes(operation, part)) {
      outputs.bytes = bytes(stage, role(part), buffer_bytes(operation, part));
    } else {
      outputs.c.push_back(tensor(stage, role(part), buffer_layout(operation, part)));
    }
  }
  const Errors none(buffers_.size());
  const OperationTerms alone = reference_operation(operation, operands(stage, operation, none));
  const Judgement judgement = judge_operation(operation, outputs, alone, arithmetic(stage), arch_);
  if (!outputs.c.empty()) follow(stage, operation, outputs);
  return judgement;
}

void LayerChain::follow(const Stage& stage, const Problem& problem) {
  const auto keys = keep_bytes(stage, problem);
  const auto moved = [&](AttentionBuffer buffer, Tensor tensor, const Errors& errors) {
    return balls(stage, role(buffer), tensor_layout(problem, tensor), errors);
  };
  const auto operands_of = [&](const Errors& errors) {
    return std::array{moved(AttentionBuffer::q, Tensor::q, errors),
                      moved(AttentionBuffer::k, Tensor::k, errors),
                      moved(AttentionBuffer::v, Tensor::v, errors)};
  };
  const Arithmetic how = arithmetic(stage);
  const auto [q, k, v] = operands_of(worst_);
  const AttentionBalls attended = attention_balls(problem, q, k, v, keys);
  const std::vector<double> worst =
      allowed_errors(problem, attended.terms, attended.radius, how, arch_);
  const auto [likely_q, likely_k, likely_v] = operands_of(likely_);
  LikelyErrors likely = likely_errors(
      problem, likely_q, likely_k, likely_v, keys, rounding_errors(problem, how, arch_));
  const Operand& o = operand_of(stage, role(AttentionBuffer::o));
  const TensorLayout layout = tensor_layout(problem, Tensor::o);
  keep(worst_, o, layout, worst.data(), problem.head_dim_v);
  keep(likely_, o, layout, likely.all.data(), problem.head_dim_v);
  keep(apart_, o, layout, likely.apart.data(), problem.head_dim_v);
  shared_[static_cast<std::size_t>(o.buffer)] = std::move(likely.shared);
}

Judgement LayerChain::judge_attention_stage(const Stage& stage, const Problem& problem) {
  const auto exact = [&](AttentionBuffer buffer, Tensor t) {
    return exact_balls(tensor(stage, role(buffer), tensor_layout(problem, t)));
  };
  Outputs outputs;
  outputs.o = tensor(stage, role(AttentionBuffer::o), tensor_layout(problem, Tensor::o));
  const auto rows = problem.batch * problem.heads_q * problem.seq_q;
  const bool has_lse = find_operand(stage, role(AttentionBuffer::lse)) != nullptr;
  const AttentionBalls alone = attention_balls(problem,
                                               exact(AttentionBuffer::q, Tensor::q),
                                               exact(AttentionBuffer::k, Tensor::k),
                                               exact(AttentionBuffer::v, Tensor::v),
                                               keep_bytes(stage, problem));
  if (has_lse) {
    const auto raw = bytes(stage, role(AttentionBuffer::lse), rows * std::int64_t{sizeof(float)});
    outputs.lse.resize(static_cast<std::size_t>(rows));
    std::memcpy(outputs.lse.data(), raw.data(), raw.size());
  } else {  // the launch keeps it to itself: nothing to judge
    for (const double lse : alone.terms.lse)
      outputs.lse.push_back(static_cast<float>(lse));
  }
  const Judgement judgement = judge(problem, outputs, alone.terms, arithmetic(stage), arch_);
  follow(stage, problem);
  return judgement;
}

Judgement LayerChain::judge_stage(const Stage& stage) {
  if (const auto* operation = std::get_if<Operation>(&stage.problem)) {
    return judge_operation_stage(stage, *operation);
  }
  const auto* problem = std::get_if<Problem>(&stage.problem);
  ATTEST_CHECK(problem != nullptr);  // the whole layer is judged by its parts
  return judge_attention_stage(stage, *problem);
}

WholeJudgement LayerChain::judge_whole(const std::vector<double>& reference) const {
  constexpr auto kY = static_cast<std::size_t>(LayerBuffer::y);
  const HostTensor y{buffer_layout(layer_, LayerBuffer::y), buffers_[kY]};
  std::vector<double> least = worst_[kY];
  for (std::size_t e = 0; e < least.size(); ++e)
    least[e] = std::min(least[e], likely_[kY][e]);
  return {judge_within("y", y, reference, least), judge_within("y", y, reference, worst_[kY])};
}

}  // namespace attest
