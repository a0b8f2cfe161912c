// Kernels of the simulated driver's tests: right ones, and one for each way to fail.
// SPDX-License-Identifier: Apache-2.0
#include <cooperative_groups.h>

__device__ unsigned launches = 40;
__constant__ int factor = 3;

extern "C" __global__ void add(float* sum, const float* a, const float* b, int count) {
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (n < count) sum[n] = a[n] + b[n];
}

/// Adds 1 to `launches`, and leaves its old value times `factor`.
extern "C" __global__ void count_launch(unsigned* to) {
  *to = atomicAdd(&launches, 1u) * static_cast<unsigned>(factor);
}

extern "C" __global__ void store(int* to, long long index) {
  to[index] = 7;
}

extern "C" __global__ void store_bytes(char* to, long long offset) {
  *reinterpret_cast<int*>(to + offset) = 7;
}

extern "C" __global__ void stop() {
  __trap();
}

extern "C" __global__ void spin(volatile int* flag) {
  while (*flag == 0) {
  }
}

/// Reverses a block by dynamic shared memory.
extern "C" __global__ void reverse(int* to) {
  extern __shared__ int tile[];
  tile[threadIdx.x] = to[threadIdx.x];
  __syncthreads();
  to[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

/// Every block adds 1, waits for all, and writes the sum that it sees.
extern "C" __global__ void grid_sum(unsigned* sum, unsigned* seen) {
  atomicAdd(sum, 1u);
  cooperative_groups::this_grid().sync();
  seen[blockIdx.x] = *static_cast<volatile unsigned*>(sum);
}

/// A race that no GPU reports.
extern "C" __global__ void race(int* to) {
  __shared__ int word;
  word = static_cast<int>(threadIdx.x);
  __syncwarp();
  if (threadIdx.x == 0) *to = word >= 0 ? 1 : 0;
}

extern "C" __global__ void __launch_bounds__(64) narrow(int* to) {
  *to = static_cast<int>(blockDim.x);
}
