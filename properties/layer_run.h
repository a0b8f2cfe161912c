// One layer through a pipeline on an executor: the launch log against the claim, every launch
// judged alone, and the whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/operation_data.h"
#include "harness/record/layer_record.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/layer_job.h"

#include <cstdint>
#include <vector>

namespace attest {

/// What all pipelines of a layer share.
struct LayerCase {
  LayerProblem layer;
  Mode mode;
  LayerInputs inputs;
  std::vector<double> reference;  // y [batch, seq, dim]
};
[[nodiscard]] LayerCase draw_layer_case(const LayerProblem& layer, const Mode& mode);

/// Every GEMM of the pipeline is one that cuBLAS takes, and there is one.
[[nodiscard]] bool takes_cublas(const Pipeline& pipeline, const LayerProblem& layer);

/// Bytes of the inputs and of y.
[[nodiscard]] std::int64_t least_bytes(const LayerProblem& layer);

/// Traffic is counted. With cuBLAS the record's name ends in "-cublas", its claim is one launch for each
/// stage, and more of them for a GEMM are no disagreement. Else a pipeline whose log is not what it claims, launch by launch, disagrees. After
/// a launch that disagrees the rest is not judged. An executor's Error becomes not_run.
/// y is judged within what the errors of its launches add up to in all likelihood. Beyond that, but
/// not beyond the worst case, the data is drawn twice more: two of the three decide.
[[nodiscard]] PipelineRecord run_pipeline(const Pipeline& pipeline,
                                          const LayerCase& which,
                                          Executor& executor,
                                          Gemms gemms = Gemms::own);

}  // namespace attest
