// Kernels of attest-cuda's tests: right ones, and one for each way to fail.
// SPDX-License-Identifier: Apache-2.0
#include <cooperative_groups.h>

extern "C" __global__ void add_one(int* to, const int* from, int count) {
  const int n = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (n < count) to[n] = from[n] + 1;
}

/// Writes the address of `to` there.
extern "C" __global__ void write_address(unsigned long long* to) {
  *to = reinterpret_cast<unsigned long long>(to);
}

/// 4 bytes at `offset` from `to`; aligned or not, inside or not.
extern "C" __global__ void store_at(char* to, long long offset) {
  *reinterpret_cast<int*>(to + offset) = 7;
}

extern "C" __global__ void stop() {
  __trap();
}

extern "C" __global__ void spin(volatile int* flag) {
  while (*flag != 7) {
  }
}

/// Reverses a block by dynamic shared memory, as much of it as the launch has.
extern "C" __global__ void reverse(int* to) {
  extern __shared__ int tile[];
  tile[threadIdx.x] = static_cast<int>(threadIdx.x);
  __syncthreads();
  to[threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

/// Every block adds 1, waits for all, and writes the sum that it sees.
extern "C" __global__ void grid_sum(unsigned* sum, unsigned* seen) {
  atomicAdd(sum, 1u);
  cooperative_groups::this_grid().sync();
  seen[blockIdx.x] = *static_cast<volatile unsigned*>(sum);
}

extern "C" __global__ void nothing() {}
