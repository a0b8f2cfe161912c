// Stages as launches and calls of cuBLAS.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_job.h"

#include "harness/base/check.h"

namespace attest {
namespace {

/// A layer of 2048 rows and columns in f32 takes some 10^9 on the way.
constexpr std::int64_t kWarpInstructions = 50'000'000'000;

/// What cuBLAS is asked for a stage, on the plan's buffers.
Result<std::vector<BlasCall>> blas_calls(const Stage& stage, const Gemm& gemm) {
  ATTEST_TRY(std::vector<BlasCall> calls, gemm_arguments(gemm));
  const auto place = [&](int& buffer, std::int64_t& offset) {
    for (const Operand& operand : stage.operands) {
      if (operand.role != buffer) continue;
      buffer = operand.buffer;
      offset += operand.byte_offset / size_bytes(gemm.dtype);
      return;
    }
    fail_check("a GEMM of a plan has this operand", __FILE__, __LINE__);
  };
  for (BlasCall& call : calls) {
    for (BlasMatrix* matrix : {&call.left, &call.right, &call.result})
      place(matrix->buffer, matrix->offset);
    if (call.bias) place(call.bias->buffer, call.bias->offset);
  }
  return calls;
}

Status add_stage(const Stage& stage, Gemms gemms, std::size_t number, PlannedJob& planned) {
  Job& job = planned.job;
  const Gemm* const gemm = gemms == Gemms::cublas ? gemm_of(stage) : nullptr;
  if (gemm == nullptr) {
    job.launches.push_back(stage.launch);
    planned.stage_of_step.push_back(number);
    return Done{};
  }
  ATTEST_TRY(std::vector<BlasCall> calls, blas_calls(stage, *gemm));
  for (BlasCall& call : calls) {
    call.after_launches = static_cast<std::int64_t>(job.launches.size());
    job.calls.push_back(call);
    planned.stage_of_step.push_back(number);
  }
  return Done{};
}

}  // namespace

std::span<const std::byte> layer_contents(const LayerInputs& inputs, LayerBuffer buffer) {
  switch (buffer) {
    case LayerBuffer::x:
      return inputs.x.bytes;
    case LayerBuffer::w_qkv:
      return inputs.w_qkv.bytes;
    case LayerBuffer::b_qkv:
      return inputs.b_qkv.bytes;
    case LayerBuffer::w_out:
      return inputs.w_out.bytes;
    case LayerBuffer::b_out:
      return inputs.b_out.bytes;
    case LayerBuffer::mask:
      return std::as_bytes(std::span(inputs.mask));
    case LayerBuffer::y:
      return {};
  }
  fail_check("a layer has this buffer", __FILE__, __LINE__);
}

const Gemm* gemm_of(const Stage& stage) {
  const auto* const operation = std::get_if<Operation>(&stage.problem);
  return operation != nullptr ? std::get_if<Gemm>(operation) : nullptr;
}

Result<PlannedJob> job_of(const PipelinePlan& plan,
                          const LayerInputs& inputs,
                          const Mode& mode,
                          Gemms gemms) {
  PlannedJob planned;
  Job& job = planned.job;
  for (std::size_t n = 0; n < plan.buffers.size(); ++n) {
    const bool is_input = n < static_cast<std::size_t>(LayerBuffer::y);
    BufferSpec spec;
    spec.name = plan.buffers[n].name;
    spec.role = is_input ? BufferRole::input : BufferRole::output;
    spec.size_bytes = plan.buffers[n].size_bytes;
    if (is_input) spec.contents = layer_contents(inputs, static_cast<LayerBuffer>(n));
    job.buffers.push_back(std::move(spec));
  }
  for (std::size_t n = 0; n < plan.stages.size(); ++n) {
    ATTEST_TRY([[maybe_unused]] const Done added, add_stage(plan.stages[n], gemms, n, planned));
  }
  job.mode = mode;
  job.limits.warp_instructions = kWarpInstructions;
  job.counts_traffic = true;
  return planned;
}

}  // namespace attest
