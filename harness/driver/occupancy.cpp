// Entry points: how many blocks fit a multiprocessor. Registers are not counted.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver.h"
#include "harness/ptx/machine/device.h"

#include <algorithm>

using attest::driver::blocks_per_multiprocessor;
using attest::driver::Driver;
using attest::driver::enter;
using attest::driver::Kernel;
using attest::driver::kernel_of;
using attest::driver::Need;

namespace {

constexpr int kWarpThreads = 32;

CUresult active_blocks(
    Driver& driver, int* blocks, CUfunction function, int threads, size_t bytes) {
  const auto kernel = kernel_of(driver, function);
  if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  if (blocks == nullptr || threads <= 0 || bytes > INT32_MAX) return CUDA_ERROR_INVALID_VALUE;
  *blocks = static_cast<int>(
      blocks_per_multiprocessor(driver, *kernel, threads, static_cast<std::int64_t>(bytes)));
  return CUDA_SUCCESS;
}

struct Search {
  CUoccupancyB2DSize shared_of_block = nullptr;  // null: shared_bytes
  std::size_t shared_bytes = 0;
  int most_threads = 0;  // 0: what the kernel allows
};

/// The block size with the most resident threads; of several the largest.
CUresult best_block(
    Driver& driver, const Kernel& kernel, const Search& search, int* grid, int* block) {
  if (grid == nullptr || block == nullptr) return CUDA_ERROR_INVALID_VALUE;
  int most = kernel.max_threads();
  if (search.most_threads > 0) most = std::min(most, search.most_threads);
  std::int64_t best_threads = 0;
  *grid = 0;
  *block = 0;
  for (int threads = most; threads > 0; threads = (threads - 1) / kWarpThreads * kWarpThreads) {
    const std::size_t shared =
        search.shared_of_block != nullptr ? search.shared_of_block(threads) : search.shared_bytes;
    const std::int64_t blocks = blocks_per_multiprocessor(
        driver,
        kernel,
        threads,
        static_cast<std::int64_t>(std::min<std::size_t>(shared, INT32_MAX)));
    if (blocks * threads <= best_threads) continue;
    best_threads = blocks * threads;
    *block = threads;
    *grid = static_cast<int>(blocks * attest::ptx::device(driver.gpu().sm).multiprocessors);
  }
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks,
                                                     CUfunction function,
                                                     int threads,
                                                     std::size_t shared_bytes) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    return active_blocks(driver, blocks, function, threads, shared_bytes);
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, CUfunction function, int threads, std::size_t shared_bytes, unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if ((flags & ~unsigned{CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE}) != 0) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    return active_blocks(driver, blocks, function, threads, shared_bytes);
  });
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid,
                                          int* block,
                                          CUfunction function,
                                          CUoccupancyB2DSize shared_of_block,
                                          std::size_t shared_bytes,
                                          int most_threads) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    const auto kernel = kernel_of(driver, function);
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return best_block(driver, *kernel, {shared_of_block, shared_bytes, most_threads}, grid, block);
  });
}

CUresult cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid,
                                                   int* block,
                                                   CUfunction function,
                                                   CUoccupancyB2DSize shared_of_block,
                                                   std::size_t shared_bytes,
                                                   int most_threads,
                                                   unsigned flags) {
  return enter(__func__, Need::context, [&](Driver& driver) -> CUresult {
    if ((flags & ~unsigned{CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE}) != 0) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    const auto kernel = kernel_of(driver, function);
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    return best_block(driver, *kernel, {shared_of_block, shared_bytes, most_threads}, grid, block);
  });
}

}  // extern "C"
