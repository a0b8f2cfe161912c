// attest-cuda on the simulated driver, for tests: options, kernels, jobs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/executor/cuda_executor.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace attest::cuda {

/// A real driver is here, and the simulated one stays out of its way: such tests are skipped.
[[nodiscard]] bool has_real_driver();

/// The worker on the simulated driver, with further settings of that ("ATTEST_SIMULATED_STEPS").
[[nodiscard]] CudaOptions simulated(std::vector<std::pair<std::string, std::string>> more = {});

/// One launch of a kernel of cuda_test_kernels.cu. Each argument is a buffer's number or a value.
struct Argument {
  int buffer = -1;
  std::uint64_t value = 0;
  int size_bytes = 8;
};
[[nodiscard]] inline Argument buffer(int number) {
  return {number, 0, 8};
}
[[nodiscard]] inline Argument int_value(int value) {
  return {-1, static_cast<std::uint32_t>(value), 4};
}
[[nodiscard]] inline Argument long_value(std::int64_t value) {
  return {-1, static_cast<std::uint64_t>(value), 8};
}
[[nodiscard]] Launch launch(const std::string& entry,
                            const std::vector<Argument>& arguments,
                            unsigned grid = 1,
                            unsigned block = 1);

[[nodiscard]] BufferSpec input(const std::string& name, std::span<const std::byte> contents);
[[nodiscard]] BufferSpec output(const std::string& name, std::int64_t size_bytes);

}  // namespace attest::cuda
