// The table of described GPUs, and their attributes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/gpu.h"

#include "harness/base/check.h"
#include "harness/ptx/machine/device.h"

#include <algorithm>
#include <array>

namespace attest::driver {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

// Names, clocks and bus widths: the products' data sheets; L2: their whitepapers.
constexpr std::array kGpus = {
    Gpu{80, "NVIDIA A100-SXM4-80GB (simulated)", 1410000, 1593000, 5120, 40 * kMiB},
    Gpu{86, "NVIDIA GeForce RTX 3090 (simulated)", 1695000, 9751000, 384, 6 * kMiB},
    Gpu{89, "NVIDIA GeForce RTX 4090 (simulated)", 2520000, 10501000, 384, 72 * kMiB},
    Gpu{90, "NVIDIA H100 80GB HBM3 (simulated)", 1980000, 2619000, 5120, 50 * kMiB},
    Gpu{100, "NVIDIA B200 (simulated)", 1965000, 3996000, 8192, 126 * kMiB},
    Gpu{120, "NVIDIA GeForce RTX 5090 (simulated)", 2407000, 14001000, 512, 96 * kMiB},
};

std::string arch_of(const Gpu& g) {
  return "sm_" + std::to_string(g.sm);
}

}  // namespace

const Gpu* find_gpu(std::string_view arch) {
  const auto* const found =
      std::find_if(kGpus.begin(), kGpus.end(), [&](const Gpu& g) { return arch == arch_of(g); });
  return found == kGpus.end() ? nullptr : found;
}

const Gpu& gpu(int sm) {
  const Gpu* found = find_gpu("sm_" + std::to_string(sm));
  ATTEST_CHECK(found != nullptr);
  return *found;
}

std::string gpu_names() {
  std::string names;
  for (const Gpu& g : kGpus)
    names += (names.empty() ? "" : ", ") + arch_of(g);
  return names;
}

std::optional<int> attribute(const Gpu& gpu, CUdevice_attribute attribute) {
  constexpr int kReservedShared = 1024;
  const ptx::Device& device = ptx::device(gpu.sm);
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y:
      return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z:
      return 64;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X:
      return 0x7fffffff;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z:
      return 65535;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK:
      return 49152;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return static_cast<int>(device.block_shared_bytes);
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR:
      return static_cast<int>(device.shared_bytes);
    case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK:
      return kReservedShared;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR:
      return 65536;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
      return 32;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return static_cast<int>(device.multiprocessors);
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR:
      return static_cast<int>(device.threads);
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR:
      return static_cast<int>(device.blocks);
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
      return gpu.clock_khz;
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE:
      return gpu.memory_clock_khz;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH:
      return gpu.memory_bus_bits;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return static_cast<int>(gpu.l2_bytes);
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return gpu.sm / 10;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return gpu.sm % 10;
    case CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT:
      return 512;
    case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT:
    case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP:
    case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
    case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH:
    case CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED:
      return 1;
    default:
      break;
  }
  if (attribute < CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK ||
      attribute >= CU_DEVICE_ATTRIBUTE_MAX) {
    return std::nullopt;
  }
  return 0;
}

}  // namespace attest::driver
