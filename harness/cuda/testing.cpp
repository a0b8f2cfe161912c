// Jobs of the tests of attest-cuda.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/testing.h"

#include <cstring>
#include <filesystem>

namespace attest::embedded {
std::string_view cuda_test_kernels();
}

namespace attest::cuda {

bool has_real_driver() {
  std::error_code ignored;
  return std::filesystem::exists("/proc/driver/nvidia", ignored);
}

CudaOptions simulated(std::vector<std::pair<std::string, std::string>> more) {
  CudaOptions options;
  options.worker = ATTEST_CUDA_PROGRAM;
  options.environment = std::move(more);
  options.environment.emplace_back(
      "LD_LIBRARY_PATH", std::filesystem::path(ATTEST_SIMULATED_DRIVER).parent_path().string());
  return options;
}

Launch launch(const std::string& entry,
              const std::vector<Argument>& arguments,
              unsigned grid,
              unsigned block) {
  Launch out;
  out.image = {"cuda_test_kernels", embedded::cuda_test_kernels()};
  out.entry = entry;
  out.grid = {grid, 1, 1};
  out.block = {block, 1, 1};
  for (const Argument& argument : arguments) {
    const auto size = static_cast<std::size_t>(argument.size_bytes);
    const std::size_t at = (out.parameters.size() + size - 1) / size * size;
    out.parameters.resize(at + size);
    std::memcpy(out.parameters.data() + at, &argument.value, size);
    if (argument.buffer >= 0)
      out.relocations.push_back({static_cast<std::int64_t>(at), argument.buffer, 0});
  }
  return out;
}

BufferSpec input(const std::string& name, std::span<const std::byte> contents) {
  return {name, BufferRole::input, static_cast<std::int64_t>(contents.size()), 0, contents};
}

BufferSpec output(const std::string& name, std::int64_t size_bytes) {
  return {name, BufferRole::output, size_bytes, 0, {}};
}

}  // namespace attest::cuda
