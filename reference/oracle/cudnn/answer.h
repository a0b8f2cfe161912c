// What attest-cudnn answers to a question.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/oracle/cudnn/plan_cache.h"
#include "reference/oracle/cudnn/protocol.h"

namespace attest {

/// Errors in the question itself; what cuDNN refuses is an answer.
Result<CudnnAnswer> answer(const CudnnQuestion& question, const PlanCache& cache);

}  // namespace attest
