// Buffers of a job, and what must be so of them after a run; the same for kernels of all kinds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/executor.h"
#include "harness/problem/tensor.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace attest {

[[nodiscard]] BufferSpec input_buffer(std::string name,
                                      std::span<const std::byte> contents,
                                      std::int64_t skew = 0);
[[nodiscard]] BufferSpec output_buffer(std::string name, std::int64_t size, std::int64_t skew = 0);

/// The first byte between the elements of a tensor that a run changed from `dirt`, as a finding.
[[nodiscard]] std::optional<Finding> changed_gap(const std::string& tensor,
                                                 const HostTensor& held,
                                                 std::uint8_t dirt,
                                                 std::string_view kernel);

/// "sm_80" of `.target sm_80, debug`; empty when the text has no such line.
[[nodiscard]] std::string target_of(std::string_view ptx);

}  // namespace attest
