// OperationSubject: anything that computes an operation of the layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/operation_data.h"
#include "kernels/operation_spec.h"
#include "properties/subject.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// What a subject answered for one set of operands.
struct OperationAnswer {
  OperationOutputs outputs;
  std::vector<Finding> findings;
  std::vector<LaunchRecord> launches;
  std::string counted_by;  // Execution::counted_by
};

struct OperationSubject {
  std::string name;
  std::string arch;  // constants of the bound where the mode names none: "sm_80"
  std::function<Arithmetic(const Operation&)> arithmetic;
  /// Why the operation is not taken, or nothing when it is.
  std::function<std::optional<std::string>(const Operation&)> refusal;
  std::function<Result<OperationAnswer>(const Operation&, const Operands&, const Conditions&)> run;
};

/// A kernel on an executor: buffers as OperationBuffer numbers them, those that the operation lacks
/// empty; outputs poisoned, gaps between their rows checked after the run (finding guard_band).
/// Refers to both arguments. Errors of run()  those of Executor::run.
[[nodiscard]] OperationSubject kernel_subject(const OperationSpec& kernel, Executor& executor);

/// cuBLAS in attest-cuda (conditions whose device is cuda), cublasLt where a bias is fused. Refuses all
/// but GEMMs, and those that BLAS cannot do (blas_call.h). `arithmetic` is what it is judged by.
[[nodiscard]] OperationSubject blas_subject(const Arithmetic& arithmetic, Executor& executor);

/// The reference, rounded to the operation's dtype.
[[nodiscard]] OperationSubject reference_operation_subject();

}  // namespace attest
