// GuardedBuffer: a job's buffer on the device between two bands that nobody may write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cuda/resources.h"
#include "harness/executor/executor.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace attest::cuda {

/// Of each band, at least. They hold 0xff: NaN in every dtype, so that what reads them shows.
inline constexpr std::int64_t kGuardBytes = 16'384;

class GuardedBuffer {
 public:
  /// Filled as the role says: contents, or `dirt`. Its base is `spec.skew_bytes` after a multiple of 256.
  static Result<GuardedBuffer> create(const Driver& driver,
                                      const BufferSpec& spec,
                                      std::uint8_t dirt);

  [[nodiscard]] CUdeviceptr base() const { return base_; }
  /// The first changed bytes of a band, or of an input. Errors  of the copies.
  [[nodiscard]] Result<std::optional<Finding>> changed(const std::string& kernel) const;
  /// The bytes of an output or update, nothing of the others.
  [[nodiscard]] Result<std::vector<std::byte>> contents() const;

 private:
  GuardedBuffer(const Driver& driver, const BufferSpec& spec, DeviceMemory memory)
      : driver_(&driver), spec_(&spec), memory_(std::move(memory)) {}

  const Driver* driver_;
  const BufferSpec* spec_;  // of the job, which outlives this
  DeviceMemory memory_;     // band, skew, buffer, band
  CUdeviceptr base_ = 0;
};

}  // namespace attest::cuda
