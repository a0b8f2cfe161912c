// C = A B, n x n, row-major f32: 16 x 16 shared tiles, one output per thread. n is a multiple
// of 16.
// SPDX-License-Identifier: Apache-2.0
//
// Grid (n / 16, n / 16), block (16, 16).
constexpr int kTile = 16;

extern "C" __global__ void sgemm_256(const float* a, const float* b, float* c, int n) {
  __shared__ float tile_a[kTile][kTile];
  __shared__ float tile_b[kTile][kTile];
  const int x = static_cast<int>(threadIdx.x);
  const int y = static_cast<int>(threadIdx.y);
  const int row = static_cast<int>(blockIdx.y) * kTile + y;
  const int column = static_cast<int>(blockIdx.x) * kTile + x;

  float sum = 0.0f;
#pragma unroll 1
  for (int k = 0; k < n; k += kTile) {
    tile_a[y][x] = a[row * n + k + x];
    tile_b[y][x] = b[(k + y) * n + column];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kTile; ++i)
      sum = fmaf(tile_a[y][i], tile_b[i][x], sum);
    __syncthreads();
  }
  c[row * n + column] = sum;
}
