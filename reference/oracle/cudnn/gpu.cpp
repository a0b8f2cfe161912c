// The figures of the described GPUs.
// SPDX-License-Identifier: Apache-2.0
// Source: CUDA C++ Programming Guide 13.0, table "Technical Specifications per Compute Capability",
// for threads, blocks and shared memory; NVIDIA's data sheets for the rest.
#include "reference/oracle/cudnn/gpu.h"

#include <fmt/format.h>

namespace attest {

const std::vector<DescribedGpu>& described_gpus() {
  constexpr std::int64_t kGiB = std::int64_t{1} << 30U;
  constexpr int kMiB = 1 << 20;
  static const std::vector<DescribedGpu> gpus = {
      {80, "A100", 108, 166912, 2048, 32, 80 * kGiB, 40 * kMiB, 1410000, 1593000},
      {89, "L40S", 142, 101376, 1536, 24, 48 * kGiB, 96 * kMiB, 2520000, 9001000},
      {90, "H100", 132, 232448, 2048, 32, 80 * kGiB, 50 * kMiB, 1980000, 2619000},
      {100, "B200", 148, 232448, 2048, 32, 180 * kGiB, 126 * kMiB, 1965000, 3996000},
      {120, "RTX PRO 6000", 188, 101376, 1536, 24, 96 * kGiB, 128 * kMiB, 2617000, 14001000}};
  return gpus;
}

std::string device_json(const DescribedGpu& gpu) {
  return fmt::format(
      R"({{"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,)"
      R"("multiProcessorCount":{},"warpSize":32,"maxSharedMemoryPerBlock":49152,)"
      R"("maxSharedMemoryPerBlockOptin":{},"reservedSharedMemoryPerBlock":1024,)"
      R"("maxRegistersPerSM":65536,"maxCtasPerSM":{},"maxThreadsPerBlock":1024,"maxThreadsPerSM":{},)"
      R"("pciDeviceId":0,"isTccDriver":0,"supportCoopLaunch":1,"totalGlobalMem":{},)"
      R"("smClockRateKHz":{},"memClockRateKHz":{},"l2CacheSize":{},"cudaDeviceId":0,"deviceVer":{},)"
      R"("driverVer":13000,"deviceName":"{}"}})",
      gpu.multiprocessors,
      gpu.shared_bytes_optin,
      gpu.blocks_per_multiprocessor,
      gpu.threads_per_multiprocessor,
      gpu.memory_bytes,
      gpu.clock_khz,
      gpu.memory_clock_khz,
      gpu.l2_bytes,
      gpu.sm * 10,
      gpu.name);
}

}  // namespace attest
