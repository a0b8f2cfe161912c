// GemmParams: the parameter block of the simulated cuBLAS's kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attest::simulated_blas {

/// D = alpha * op(A) * op(B) (+ bias[row]): column-major, leading dimensions and strides in elements.
struct GemmParams {
  long long m, n, k;
  const void* a;
  const void* b;
  void* d;
  const void* bias;  // null: none
  float* parts;      // [part_count][n][m], where k is summed in parts
  long long lda, stride_a;
  long long ldb, stride_b;
  long long ldd, stride_d;
  float alpha;
  int part_count;
  bool is_a_transposed;
  bool is_b_transposed;
};

}  // namespace attest::simulated_blas
