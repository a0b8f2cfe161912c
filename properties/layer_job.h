// A pipeline's plan as a job: which launches and calls, on which memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/operation_data.h"
#include "kernels/pipeline/pipeline.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attest {

/// Who computes the GEMMs of a pipeline: its own kernels, or cuBLAS, which is on a GPU alone and may take
/// more than one launch for each.
enum class Gemms : std::uint8_t { own, cublas };

/// A plan as an executor takes it.
struct PlannedJob {
  Job job;
  std::vector<std::size_t> stage_of_step;
};
/// Errors  Code::unsupported for a GEMM that cuBLAS does not take. The job refers to plan and inputs.
Result<PlannedJob> job_of(const PipelinePlan& plan,
                          const LayerInputs& inputs,
                          const Mode& mode,
                          Gemms gemms);

/// The bytes of an input; none for y.
[[nodiscard]] std::span<const std::byte> layer_contents(const LayerInputs& inputs,
                                                        LayerBuffer buffer);

/// Null when the stage is no GEMM.
[[nodiscard]] const Gemm* gemm_of(const Stage& stage);

}  // namespace attest
