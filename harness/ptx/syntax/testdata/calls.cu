// Functions, direct and indirect calls, printf and assert, tables of strings and symbols.
// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cstdio>

struct Sample {
  int count;
  float weights[3];
};

struct __attribute__((packed)) Packed {
  char tag;
  const int* target;
};

__constant__ float table[4] = {1.0f, -2.0f, 0.5f, 1e-3f};
__device__ int counter = -3;
__device__ int* middle = &counter;
__device__ Packed packed = {1, &counter};
__device__ const char* names[2] = {"first", "second \"quoted\""};

__device__ __noinline__ int triple(int x) {
  return 3 * x;
}
__device__ __noinline__ int square(int x) {
  return x * x;
}
__device__ int (*choices[2])(int) = {triple, square};

__device__ __noinline__ Sample scaled(Sample s, int by) {
  s.count *= by;
  s.weights[1] *= static_cast<float>(by);
  return s;
}

extern __shared__ float dynamic[];

__global__ void __launch_bounds__(128, 2) calls(float* out, Sample s, int n) {
  __shared__ float tile[32][5];
  tile[threadIdx.x % 32][n % 5] = s.weights[0];
  dynamic[threadIdx.x] = table[n % 4];
  __syncthreads();
  assert(n > 0);
  printf("%d %s\n", n, names[n % 2]);
  const Sample t = scaled(s, choices[n % 2](n));
  out[threadIdx.x] = t.weights[1] + tile[n % 32][1] + dynamic[n] + static_cast<float>(*middle) +
                     static_cast<float>(*packed.target);
#pragma unroll 1
  for (int i = 0; i < n; ++i)
    out[i] = out[i + 1] * 3.25f;
}
