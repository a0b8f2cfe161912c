// Gpu: what the described GPUs answer when a program asks for attributes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attest::driver {

/// What harness/ptx/machine/device.h does not say of a GPU.
struct Gpu {
  int sm = 80;
  const char* name = "";  // as cuDeviceGetName answers
  int clock_khz = 0;
  int memory_clock_khz = 0;
  int memory_bus_bits = 0;
  std::int64_t l2_bytes = 0;
};

/// Of "sm_80"; null when it is not described.
[[nodiscard]] const Gpu* find_gpu(std::string_view arch);
[[nodiscard]] const Gpu& gpu(int sm);
/// "sm_80, sm_86, ..".
[[nodiscard]] std::string gpu_names();

/// Empty for a number that is no attribute; 0 for a feature that is not simulated.
[[nodiscard]] std::optional<int> attribute(const Gpu& gpu, CUdevice_attribute attribute);

}  // namespace attest::driver
