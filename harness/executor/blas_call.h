// BlasCall: one column-major GEMM of a BLAS library, and how a Gemm becomes one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/problem/operation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attest {

/// Where one matrix of a call lies: element `offset` of a buffer, then every `stride` elements the next.
struct BlasMatrix {
  int buffer = 0;            // of the job
  std::int64_t offset = 0;   // elements, of the first matrix
  std::int64_t leading = 1;  // elements between columns
  std::int64_t stride = 0;   // elements between matrices of a batch
  bool is_transposed = false;
  friend bool operator==(const BlasMatrix&, const BlasMatrix&) = default;
};

/// One value per row of D.
struct BlasBias {
  int buffer = 0;  // of the job
  std::int64_t offset = 0;
  friend bool operator==(const BlasBias&, const BlasBias&) = default;
};

/// D = alpha * op(left) * op(right) (+ bias[row]), all column-major: D [m, n], op(left) [m, k], op(right)
/// [k, n]; `count` of them. The arguments of cublasGemmStridedBatchedEx, and with a bias of
/// cublasLtMatmul with CUBLASLT_EPILOGUE_BIAS.
struct BlasCall {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
  double alpha = 1;
  BlasMatrix left;
  BlasMatrix right;
  BlasMatrix result;
  std::int64_t count = 1;
  std::optional<BlasBias> bias;
  Dtype dtype = Dtype::f16;
  std::int64_t after_launches = 0;  // of the job: how many of them come first
  friend bool operator==(const BlasCall&, const BlasCall&) = default;
};

/// The calls that compute a Gemm on buffers that are numbered as OperationBuffer: one, or one a batch where its matrices lie at no single stride. A
/// row-major C = A B is the column-major C^T = B^T A^T, so B is on the left, and a bias by column of C
/// is one by row.
/// Errors  Code::unsupported for a mask, a split, or sizes beyond 2^31 - 1.
Result<std::vector<BlasCall>> gemm_arguments(const Gemm& gemm);

}  // namespace attest
