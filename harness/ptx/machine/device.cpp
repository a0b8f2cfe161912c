// The table of devices.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/device.h"

#include <algorithm>
#include <array>

namespace attest::ptx {
namespace {

constexpr std::int64_t kKiB = 1024;

// Per multiprocessor: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
// Multiprocessors: the product's whitepaper or data sheet.
constexpr std::array kDevices = {
    Device{70, "V100", 80, 2048, 32, 96 * kKiB, 96 * kKiB},
    Device{75, "T4", 40, 1024, 16, 64 * kKiB, 64 * kKiB},
    Device{80, "A100", 108, 2048, 32, 164 * kKiB, 163 * kKiB},
    Device{86, "RTX 3090", 82, 1536, 16, 100 * kKiB, 99 * kKiB},
    Device{87, "Jetson AGX Orin", 16, 1536, 16, 164 * kKiB, 163 * kKiB},
    Device{89, "RTX 4090", 128, 1536, 24, 100 * kKiB, 99 * kKiB},
    Device{90, "H100 SXM", 132, 2048, 32, 228 * kKiB, 227 * kKiB},
    Device{100, "B200", 148, 2048, 32, 228 * kKiB, 227 * kKiB},
    Device{120, "RTX 5090", 170, 1536, 24, 100 * kKiB, 99 * kKiB},
};

constexpr std::int64_t kWarpThreads = 32;
constexpr std::int64_t kSharedGranule = 128;

std::int64_t round_up(std::int64_t value, std::int64_t to) {
  return (value + to - 1) / to * to;
}

}  // namespace

const Device& device(int sm) {
  const auto after =
      std::find_if(kDevices.begin(), kDevices.end(), [sm](const Device& d) { return d.sm > sm; });
  return after == kDevices.begin() ? kDevices.front() : *(after - 1);
}

std::int64_t resident_blocks(const Device& device,
                             std::int64_t threads,
                             std::int64_t shared_bytes) {
  // From sm_80 on the system keeps 1 KiB of every block's shared memory.
  const std::int64_t reserved = device.sm >= 80 ? kKiB : 0;
  const std::int64_t shared = round_up(shared_bytes + reserved, kSharedGranule);
  std::int64_t blocks = std::min(
      device.blocks, device.threads / std::max(round_up(threads, kWarpThreads), kWarpThreads));
  if (shared > 0) blocks = std::min(blocks, device.shared_bytes / shared);
  return blocks * device.multiprocessors;
}

}  // namespace attest::ptx
