// GEMMs of the simulated cuBLAS, column-major: in one launch, or over parts of k and then summed.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/simulated_blas/gemm_params.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace {

using attest::simulated_blas::GemmParams;

__device__ float to_float(float x) {
  return x;
}
__device__ float to_float(__half x) {
  return __half2float(x);
}
__device__ float to_float(__nv_bfloat16 x) {
  return __bfloat162float(x);
}
__device__ void store(float* to, float x) {
  *to = x;
}
__device__ void store(__half* to, float x) {
  *to = __float2half(x);
}
__device__ void store(__nv_bfloat16* to, float x) {
  *to = __float2bfloat16(x);
}

/// Element (row, column) of op(matrix).
template <class T>
__device__ float at(const void* matrix,
                    bool is_transposed,
                    long long leading,
                    long long first,
                    long long row,
                    long long column) {
  const long long offset = is_transposed ? row * leading + column : column * leading + row;
  return to_float(static_cast<const T*>(matrix)[first + offset]);
}

template <class T>
__device__ float sum(
    const GemmParams& p, long long row, long long column, long long begin, long long end) {
  float sum = 0;
  for (long long k = begin; k < end; ++k) {
    const float a = at<T>(p.a, p.is_a_transposed, p.lda, blockIdx.z * p.stride_a, row, k);
    const float b = at<T>(p.b, p.is_b_transposed, p.ldb, blockIdx.z * p.stride_b, k, column);
    sum = fmaf(a, b, sum);
  }
  return sum;
}

template <class T>
__device__ void finish(const GemmParams& p, long long row, long long column, float sum) {
  float d = p.alpha * sum;
  if (p.bias != nullptr) d += to_float(static_cast<const T*>(p.bias)[row]);
  store(static_cast<T*>(p.d) + blockIdx.z * p.stride_d + column * p.ldd + row, d);
}

__device__ bool find_element(const GemmParams& p, long long* row, long long* column) {
  *row = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  *column = static_cast<long long>(blockIdx.y) * blockDim.y + threadIdx.y;
  return *row < p.m && *column < p.n;
}

template <class T>
__device__ void gemm(const GemmParams& p) {
  long long row = 0;
  long long column = 0;
  if (find_element(p, &row, &column)) finish<T>(p, row, column, sum<T>(p, row, column, 0, p.k));
}

/// Part blockIdx.z of the sum over k, of the one matrix that there is.
template <class T>
__device__ void partial(GemmParams p) {
  long long row = 0;
  long long column = 0;
  if (!find_element(p, &row, &column)) return;
  const long long begin = p.k * blockIdx.z / gridDim.z;
  const long long end = p.k * (blockIdx.z + 1) / gridDim.z;
  p.stride_a = p.stride_b = 0;
  p.parts[(blockIdx.z * p.n + column) * p.m + row] = sum<T>(p, row, column, begin, end);
}

template <class T>
__device__ void reduce(const GemmParams& p) {
  long long row = 0;
  long long column = 0;
  if (!find_element(p, &row, &column)) return;
  float sum = 0;
  for (int part = 0; part < p.part_count; ++part)
    sum += p.parts[(part * p.n + column) * p.m + row];
  finish<T>(p, row, column, sum);
}

}  // namespace

#define ATTEST_SIMULATED_GEMM(T, NAME)                               \
  extern "C" __global__ void simulated_gemm_##NAME(GemmParams p) {   \
    gemm<T>(p);                                                      \
  }                                                                  \
  extern "C" __global__ void simulated_splitk_##NAME(GemmParams p) { \
    partial<T>(p);                                                   \
  }                                                                  \
  extern "C" __global__ void simulated_reduce_##NAME(GemmParams p) { \
    reduce<T>(p);                                                    \
  }

ATTEST_SIMULATED_GEMM(float, f32)
ATTEST_SIMULATED_GEMM(__half, f16)
ATTEST_SIMULATED_GEMM(__nv_bfloat16, bf16)
