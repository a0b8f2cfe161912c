// libcublas.so as attest-cuda uses it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/simulated_blas/gemm.h"

struct cublasContext {
  CUstream stream = nullptr;
};

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return attest::simulated_blas::start();
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}

cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  *value = type == MAJOR_VERSION   ? CUBLAS_VER_MAJOR
           : type == MINOR_VERSION ? CUBLAS_VER_MINOR
                                   : CUBLAS_VER_PATCH;
  return CUBLAS_STATUS_SUCCESS;
}

// NOLINTNEXTLINE(readability-function-size): the header's signature
cublasStatus_t cublasGemmStridedBatchedEx_64(cublasHandle_t handle,
                                             cublasOperation_t transa,
                                             cublasOperation_t transb,
                                             int64_t m,
                                             int64_t n,
                                             int64_t k,
                                             const void* alpha,
                                             const void* A,
                                             cudaDataType Atype,
                                             int64_t lda,
                                             long long int strideA,
                                             const void* B,
                                             cudaDataType Btype,
                                             int64_t ldb,
                                             long long int strideB,
                                             const void* beta,
                                             void* C,
                                             cudaDataType Ctype,
                                             int64_t ldc,
                                             long long int strideC,
                                             int64_t batchCount,
                                             cublasComputeType_t computeType,
                                             cublasGemmAlgo_t) {
  if (Atype != Btype || Atype != Ctype || computeType != CUBLAS_COMPUTE_32F ||
      *static_cast<const float*>(beta) != 0) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  attest::simulated_blas::GemmParams p{};
  p.m = m;
  p.n = n;
  p.k = k;
  p.a = A;
  p.b = B;
  p.d = C;
  p.lda = lda;
  p.stride_a = strideA;
  p.ldb = ldb;
  p.stride_b = strideB;
  p.ldd = ldc;
  p.stride_d = strideC;
  p.alpha = *static_cast<const float*>(alpha);
  p.is_a_transposed = transa == CUBLAS_OP_T;
  p.is_b_transposed = transb == CUBLAS_OP_T;
  return attest::simulated_blas::enqueue(p, Atype, batchCount, handle->stream);
}
