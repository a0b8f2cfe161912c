// Views of memory as operands, the judgement of a stage, and the radii that it leaves behind.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_chain.h"

#include "harness/base/check.h"
#include "harness/judge/operation_judge.h"
#include "kernels/kernel_spec.h"
#include "reference/attention_balls.h"
#include "reference/operation.h"

#include <algorithm>
#include <cstring>

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

}  // namespace

LayerChain::LayerChain(const LayerProblem& layer,
                       const std::vector<std::vector<std::byte>>& buffers,
                       std::string arch,
                       MmaBits mma)
    : layer_(layer),
      buffers_(buffers),
      arch_(std::move(arch)),
      mma_(mma),
      radius_(buffers.size()) {}

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

Balls LayerChain::balls(const Stage& stage, int role, const TensorLayout& layout) const {
  Balls balls = exact_balls(tensor(stage, role, layout));
  const Operand& operand = operand_of(stage, role);
  const std::vector<double>& radius = radius_[static_cast<std::size_t>(operand.buffer)];
  if (radius.empty()) return balls;
  const auto first = radius.begin() + operand.byte_offset / size_bytes(layout.dtype);
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

/// `radius`: of the tensor's first element, rows `row_stride` apart, batches and heads outside.
void LayerChain::keep_radius(const Stage& stage,
                             int role,
                             const TensorLayout& layout,
                             const double* radius,
                             std::int64_t row_stride) {
  const Operand& operand = operand_of(stage, role);
  const auto number = static_cast<std::size_t>(operand.buffer);
  const std::int64_t size = size_bytes(layout.dtype);
  std::vector<double>& kept = radius_[number];
  kept.resize(buffers_[number].size() / static_cast<std::size_t>(size));
  double* const to = kept.data() + operand.byte_offset / size;
  const auto& [batch, heads, rows, columns] = layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t r = 0; r < rows; ++r) {
        const double* const from = radius + ((b * heads + h) * rows + r) * row_stride;
        std::copy_n(from, columns, to + layout.offset(b, h, r, 0));
      }
    }
  }
}

Judgement LayerChain::judge_operation_stage(const Stage& stage, const Operation& operation) {
  OperandBalls exact;
  OperandBalls known;
  const auto take = [&](OperationBuffer buffer, Balls OperandBalls::*member) {
    if (!has_buffer(operation, buffer) || holds_bytes(operation, buffer)) return;
    const TensorLayout layout = buffer_layout(operation, buffer);
    exact.*member = exact_balls(tensor(stage, role(buffer), layout));
    known.*member = balls(stage, role(buffer), layout);
  };
  take(OperationBuffer::a, &OperandBalls::a);
  take(OperationBuffer::b, &OperandBalls::b);
  take(OperationBuffer::bias, &OperandBalls::bias);
  if (has_buffer(operation, OperationBuffer::mask)) {
    exact.mask =
        bytes(stage, role(OperationBuffer::mask), buffer_bytes(operation, OperationBuffer::mask));
    known.mask = exact.mask;
  }
  OperationOutputs outputs;
  constexpr OperationBuffer kParts[] = {
      OperationBuffer::c, OperationBuffer::c1, OperationBuffer::c2};
  for (const OperationBuffer part : kParts) {
    if (!has_buffer(operation, part)) continue;
    if (holds_bytes(operation, part)) {
      outputs.bytes = bytes(stage, role(part), buffer_bytes(operation, part));
    } else {
      outputs.c.push_back(tensor(stage, role(part), buffer_layout(operation, part)));
    }
  }
  const OperationTerms alone = reference_operation(operation, exact);
  const Judgement judgement = judge_operation(operation, outputs, alone, arithmetic(stage), arch_);
  if (outputs.c.empty()) return judgement;
  const OperationTerms moved = reference_operation(operation, known);
  const std::vector<double> allowed = allowed_errors(operation, moved, arithmetic(stage), arch_);
  const std::int64_t columns = result_shape(operation)[3];
  for (std::size_t n = 0; n < outputs.c.size(); ++n) {
    const std::int64_t width = outputs.c[n].layout.shape[3];
    keep_radius(stage,
                role(kParts[n]),
                outputs.c[n].layout,
                allowed.data() + static_cast<std::int64_t>(n) * width,
                columns);
  }
  return judgement;
}

Judgement LayerChain::judge_attention_stage(const Stage& stage, const Problem& problem) {
  const auto layout = [&problem](Tensor t) { return tensor_layout(problem, t); };
  const int q = role(AttentionBuffer::q);
  const int k = role(AttentionBuffer::k);
  const int v = role(AttentionBuffer::v);
  const auto keep =
      bytes(stage, role(AttentionBuffer::keep), problem.batch * problem.seq_q * problem.seq_kv);
  Outputs outputs;
  outputs.o = tensor(stage, role(AttentionBuffer::o), layout(Tensor::o));
  const auto rows = problem.batch * problem.heads_q * problem.seq_q;
  const bool has_lse = find_operand(stage, role(AttentionBuffer::lse)) != nullptr;
  const AttentionBalls alone = attention_balls(problem,
                                               exact_balls(tensor(stage, q, layout(Tensor::q))),
                                               exact_balls(tensor(stage, k, layout(Tensor::k))),
                                               exact_balls(tensor(stage, v, layout(Tensor::v))),
                                               keep);
  if (has_lse) {
    const auto raw = bytes(stage, role(AttentionBuffer::lse), rows * std::int64_t{sizeof(float)});
    outputs.lse.resize(static_cast<std::size_t>(rows));
    std::memcpy(outputs.lse.data(), raw.data(), raw.size());
  } else {  // the launch keeps it to itself: nothing to judge
    for (const double lse : alone.terms.lse)
      outputs.lse.push_back(static_cast<float>(lse));
  }
  const Judgement judgement = judge(problem, outputs, alone.terms, arithmetic(stage), arch_);
  const AttentionBalls moved = attention_balls(problem,
                                               balls(stage, q, layout(Tensor::q)),
                                               balls(stage, k, layout(Tensor::k)),
                                               balls(stage, v, layout(Tensor::v)),
                                               keep);
  const std::vector<double> allowed =
      allowed_errors(problem, moved.terms, moved.radius, arithmetic(stage), arch_);
  keep_radius(
      stage, role(AttentionBuffer::o), outputs.o.layout, allowed.data(), problem.head_dim_v);
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

Judgement LayerChain::judge_whole(const std::vector<double>& reference) const {
  constexpr auto kY = static_cast<std::size_t>(LayerBuffer::y);
  const HostTensor y{buffer_layout(layer_, LayerBuffer::y), buffers_[kY]};
  return judge_within("y", y, reference, radius_[kY]);
}

}  // namespace attest
