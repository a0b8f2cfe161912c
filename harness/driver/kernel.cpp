// Attributes of kernels; launches checked as a driver does, and run on the PTX executor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/kernel.h"

#include "harness/driver/driver.h"
#include "harness/ptx/machine/device.h"
#include "harness/ptx/machine/grid.h"

#include <algorithm>
#include <iostream>
#include <string>

namespace attest::driver {
namespace {

constexpr int kMaxThreads = 1024;

/// What the GPU would report. Of findings that no GPU has, none comes: the launch is not checked for
/// them.
CUresult result_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::out_of_bounds:
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    case FindingKind::misaligned:
      return CUDA_ERROR_MISALIGNED_ADDRESS;
    case FindingKind::no_progress:
      return CUDA_ERROR_LAUNCH_TIMEOUT;
    case FindingKind::assertion:
      return CUDA_ERROR_ASSERT;
    case FindingKind::memory_limit:
      return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    case FindingKind::uninitialised_read:
    case FindingKind::undefined_register:
    case FindingKind::shared_race:
    case FindingKind::global_race:
    case FindingKind::nc_write:
    case FindingKind::async_copy_unwaited:
    case FindingKind::barrier_divergence:
    case FindingKind::mbarrier_misuse:
    case FindingKind::invalid_launch:
    case FindingKind::guard_band:
    case FindingKind::trap:
    case FindingKind::crash:
    case FindingKind::timeout:
      return CUDA_ERROR_LAUNCH_FAILED;
  }
  return CUDA_ERROR_UNKNOWN;
}

std::int64_t threads_of(const Dim3& block) {
  return std::int64_t{block.x} * block.y * block.z;
}

std::int64_t block_shared_limit(const Driver& driver) {
  return ptx::device(driver.gpu().sm).block_shared_bytes;
}

bool is_grid(const Dim3& g) {
  return g.x > 0 && g.y > 0 && g.z > 0 && g.x <= 0x7fffffff && g.y <= 65535 && g.z <= 65535;
}

bool is_block(const Dim3& b, int max_threads) {
  return b.x > 0 && b.y > 0 && b.z > 0 && b.x <= kMaxThreads && b.y <= kMaxThreads && b.z <= 64 &&
         threads_of(b) <= max_threads;
}

}  // namespace

int Kernel::max_threads() const {
  const auto& m = program->max_block;
  return m[0] == 0 ? kMaxThreads
                   : static_cast<int>(std::min<std::int64_t>(m[0] * m[1] * m[2], kMaxThreads));
}

std::shared_ptr<Kernel> kernel_of(Driver& driver, CUfunction function) {
  if (auto found = driver.functions.find(function)) return found;
  return driver.kernels.find(reinterpret_cast<CUkernel>(function));
}

CUresult get_attribute(const Driver& driver,
                       const Kernel& kernel,
                       CUfunction_attribute attribute,
                       int* value) {
  if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = kernel.max_threads();
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      *value = static_cast<int>(kernel.program->static_shared_bytes);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
      *value = static_cast<int>(kernel.constant_bytes);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
      *value = static_cast<int>(kernel.program->local_bytes);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      *value = kernel.compute_capability;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      *value = driver.gpu().sm;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      *value = static_cast<int>(kernel.dynamic_shared_limit);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      *value = kernel.carveout;
      return CUDA_SUCCESS;
    default:
      break;
  }
  // Registers are known to ptxas only; clusters are not simulated.
  if (attribute < 0 || attribute >= CU_FUNC_ATTRIBUTE_MAX) return CUDA_ERROR_INVALID_VALUE;
  *value = 0;
  return CUDA_SUCCESS;
}

CUresult set_attribute(const Driver& driver,
                       Kernel& kernel,
                       CUfunction_attribute attribute,
                       int value) {
  if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
    const std::int64_t limit = block_shared_limit(driver) - kernel.program->static_shared_bytes;
    if (value < 0 || value > limit) return CUDA_ERROR_INVALID_VALUE;
    kernel.dynamic_shared_limit = value;
    return CUDA_SUCCESS;
  }
  if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
    if (value < -1 || value > 100) return CUDA_ERROR_INVALID_VALUE;
    kernel.carveout = value;
    return CUDA_SUCCESS;
  }
  return CUDA_ERROR_INVALID_VALUE;
}

std::int64_t blocks_per_multiprocessor(const Driver& driver,
                                       const Kernel& kernel,
                                       std::int64_t threads,
                                       std::int64_t dynamic_shared_bytes) {
  const ptx::Device& device = ptx::device(driver.gpu().sm);
  const std::int64_t shared = kernel.program->static_shared_bytes + dynamic_shared_bytes;
  if (threads > kernel.max_threads() || shared > device.block_shared_bytes) return 0;
  return ptx::resident_blocks(device, threads, shared) / device.multiprocessors;
}

CUresult check_launch(const Driver& driver, const KernelLaunch& launch) {
  const Launch& l = launch.launch;
  const Kernel& kernel = *launch.kernel;
  if (!is_grid(l.grid) || !is_block(l.block, kernel.max_threads())) return CUDA_ERROR_INVALID_VALUE;
  if (l.dynamic_shared_bytes > kernel.dynamic_shared_limit) return CUDA_ERROR_INVALID_VALUE;
  if (l.is_cooperative) {
    const std::int64_t fit =
        blocks_per_multiprocessor(driver, kernel, threads_of(l.block), l.dynamic_shared_bytes);
    const auto room =
        static_cast<std::uint64_t>(fit * ptx::device(driver.gpu().sm).multiprocessors);
    if (ptx::block_count(l) > room) return CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE;
  }
  return CUDA_SUCCESS;
}

CUresult run_launch(Driver& driver, const KernelLaunch& launch, bool* never_ends) {
  ptx::LaunchOptions options;
  options.max_warp_instructions = driver.settings().steps;
  options.is_checked = false;
  ptx::Grid grid(*launch.kernel->program, launch.launch, *driver.memory, options);
  const auto finding = grid.run();
  if (grid.workspace() != 0) driver.memory->free(grid.workspace());
  std::cout << grid.printed() << std::flush;
  if (!finding) return CUDA_SUCCESS;
  if (driver.settings().logs) say(describe(*finding));
  *never_ends = finding->kind == FindingKind::no_progress;
  return result_of(finding->kind);
}

}  // namespace attest::driver
