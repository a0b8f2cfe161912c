// Adds up n (a power of two) floats in halves, with a barrier of the whole grid between the steps.
// SPDX-License-Identifier: Apache-2.0
#include <cooperative_groups.h>

extern "C" __global__ void add_up(float* data, float* scratch, int n) {
  const cooperative_groups::grid_group grid = cooperative_groups::this_grid();
  float* from = data;
  float* to = scratch;
  for (int size = n; size > 1; size /= 2) {
    for (int k = static_cast<int>(grid.thread_rank()); k < size / 2;
         k += static_cast<int>(grid.size()))
      to[k] = from[k] + from[k + size / 2];
    grid.sync();
    float* other = from;
    from = to;
    to = other;
  }
}
