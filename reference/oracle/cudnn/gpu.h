// The described GPUs: what cuDNN must know of a device to plan for it where there is none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

struct DescribedGpu {
  int sm = 0;  // compute capability, 90
  std::string_view name;
  int multiprocessors = 0;
  int shared_bytes_optin = 0;  // a block's at most
  int threads_per_multiprocessor = 0;
  int blocks_per_multiprocessor = 0;
  std::int64_t memory_bytes = 0;
  int l2_bytes = 0;
  int clock_khz = 0;
  int memory_clock_khz = 0;
};

/// sm_80, 89, 90, 100 and 120, in that order.
[[nodiscard]] const std::vector<DescribedGpu>& described_gpus();

/// The device properties that cuDNN 9.19 reads (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION). The keys
/// are those that it names when one is missing.
[[nodiscard]] std::string device_json(const DescribedGpu& gpu);

}  // namespace attest
