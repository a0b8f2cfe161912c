// libcublasLt.so as attest-cuda uses it: descriptors are kept as they are set, matmul reads them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/simulated_blas/gemm.h"

#include <cstring>
#include <cublasLt.h>
#include <utility>

struct cublasLtContext {};

namespace {

using attest::simulated_blas::GemmParams;

/// What is behind the handles of the header, which the caller only passes on.
struct Matmul {
  cublasComputeType_t compute;
  cublasOperation_t transa = CUBLAS_OP_N;
  cublasOperation_t transb = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct Layout {
  cudaDataType type;
  uint64_t rows = 0;
  uint64_t columns = 0;
  int64_t leading = 0;
  int32_t count = 1;
  int64_t stride = 0;
};

template <class Target, class Opaque>
Target& as(Opaque* opaque) {
  return *reinterpret_cast<Target*>(opaque);
}
template <class Target, class Opaque>
const Target& as(const Opaque* opaque) {
  return *reinterpret_cast<const Target*>(opaque);
}

template <class T>
cublasStatus_t set(T& to, const void* from, size_t size) {
  if (size != sizeof(T)) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, size);
  return CUBLAS_STATUS_SUCCESS;
}

template <class Target, class Opaque>
cublasStatus_t create(Opaque** to, Target value) {
  *to = reinterpret_cast<Opaque*>(new Target(std::move(value)));
  return CUBLAS_STATUS_SUCCESS;
}

template <class Target, class Opaque>
cublasStatus_t destroy(Opaque* opaque) {
  delete reinterpret_cast<Target*>(opaque);
  return CUBLAS_STATUS_SUCCESS;
}

/// op(A) [m, k], op(B) [k, n] and D [m, n] of one type, each as many times.
bool fit(const Matmul& matmul, const Layout& a, const Layout& b, const Layout& d) {
  const auto shape = [](const Layout& layout, cublasOperation_t op) {
    return op == CUBLAS_OP_T ? std::pair(layout.columns, layout.rows)
                             : std::pair(layout.rows, layout.columns);
  };
  const auto left = shape(a, matmul.transa);
  const auto right = shape(b, matmul.transb);
  return a.type == b.type && a.type == d.type && a.count == b.count && a.count == d.count &&
         left.first == d.rows && right.second == d.columns && left.second == right.first;
}

}  // namespace

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new cublasLtContext;
  return attest::simulated_blas::start();
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

size_t cublasLtGetVersion() {
  return CUBLAS_VERSION;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc,
                                        cublasComputeType_t compute,
                                        cudaDataType_t) {
  return create(desc, Matmul{.compute = compute});
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  return destroy<Matmul>(desc);
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value,
                                              size_t size) {
  auto& matmul = as<Matmul>(desc);
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return set(matmul.transa, value, size);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return set(matmul.transb, value, size);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return set(matmul.epilogue, value, size);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return set(matmul.bias, value, size);
    default:
      return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout,
                                          cudaDataType type,
                                          uint64_t rows,
                                          uint64_t columns,
                                          int64_t leading) {
  return create(layout, Layout{.type = type, .rows = rows, .columns = columns, .leading = leading});
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return destroy<Layout>(layout);
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t attribute,
                                                const void* value,
                                                size_t size) {
  auto& matrix = as<Layout>(layout);
  switch (attribute) {
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
      return set(matrix.count, value, size);
    case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
      return set(matrix.stride, value, size);
    default:
      return CUBLAS_STATUS_NOT_SUPPORTED;
  }
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return create(preference, size_t{0});
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return destroy<size_t>(preference);
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value,
                                                    size_t size) {
  if (attribute != CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) return CUBLAS_STATUS_NOT_SUPPORTED;
  return set(as<size_t>(preference), value, size);
}

// NOLINTNEXTLINE(readability-function-size): the header's signature
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t,
                                              cublasLtMatmulDesc_t desc,
                                              cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t,
                                              int wanted,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  *found = 0;
  if (wanted < 1 || !fit(as<Matmul>(desc), as<Layout>(a), as<Layout>(b), as<Layout>(d))) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  results[0] = {};
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

// NOLINTNEXTLINE(readability-function-size): the header's signature
cublasStatus_t cublasLtMatmul(cublasLtHandle_t,
                              cublasLtMatmulDesc_t desc,
                              const void* alpha,
                              const void* A,
                              cublasLtMatrixLayout_t layout_a,
                              const void* B,
                              cublasLtMatrixLayout_t layout_b,
                              const void* beta,
                              const void*,
                              cublasLtMatrixLayout_t,
                              void* D,
                              cublasLtMatrixLayout_t layout_d,
                              const cublasLtMatmulAlgo_t*,
                              void*,
                              size_t,
                              cudaStream_t stream) {
  const auto& matmul = as<Matmul>(desc);
  const auto& a = as<Layout>(layout_a);
  const auto& b = as<Layout>(layout_b);
  const auto& d = as<Layout>(layout_d);
  const bool has_bias = matmul.epilogue == CUBLASLT_EPILOGUE_BIAS;
  if (!fit(matmul, a, b, d) || matmul.compute != CUBLAS_COMPUTE_32F ||
      *static_cast<const float*>(beta) != 0 ||
      (!has_bias && matmul.epilogue != CUBLASLT_EPILOGUE_DEFAULT)) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  GemmParams p{};
  p.m = static_cast<long long>(d.rows);
  p.n = static_cast<long long>(d.columns);
  p.k = static_cast<long long>(matmul.transa == CUBLAS_OP_T ? a.rows : a.columns);
  p.a = A;
  p.b = B;
  p.d = D;
  p.bias = has_bias ? matmul.bias : nullptr;
  p.lda = a.leading;
  p.stride_a = a.stride;
  p.ldb = b.leading;
  p.stride_b = b.stride;
  p.ldd = d.leading;
  p.stride_d = d.stride;
  p.alpha = *static_cast<const float*>(alpha);
  p.is_a_transposed = matmul.transa == CUBLAS_OP_T;
  p.is_b_transposed = matmul.transb == CUBLAS_OP_T;
  return attest::simulated_blas::enqueue(p, a.type, d.count, stream);
}
