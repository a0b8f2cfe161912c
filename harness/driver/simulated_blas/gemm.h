// Gemm: what both libraries of the simulated cuBLAS do with a call.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/driver/simulated_blas/gemm_params.h"

#include <cuda.h>

#include <cublas_v2.h>

namespace attest::simulated_blas {

/// Loads the kernels into the current context. CUBLAS_STATUS_NOT_INITIALIZED without one.
cublasStatus_t start();

/// Enqueues `params` for `count` matrices: one launch, or two where there is one matrix and k is long
/// enough to be summed in parts. Columns of a matrix must fit its leading dimension.
/// CUBLAS_STATUS_NOT_SUPPORTED for a type that has no kernel here.
cublasStatus_t enqueue(GemmParams params, cudaDataType_t type, long long count, CUstream stream);

}  // namespace attest::simulated_blas
