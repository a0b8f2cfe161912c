// What the tests of the simulated driver share: a process per test, a device in it, the kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attest::driver {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Runs `body` in a process of its own, whose driver starts anew: faults stay as long as a process.
/// True when it ended by itself and no expectation in it failed.
[[nodiscard]] bool holds_in_child(const Environment& environment,
                                  const std::function<void()>& body);

/// As above, for a body that does not end: true when it was still there after `milliseconds`.
[[nodiscard]] bool hangs_in_child(const Environment& environment,
                                  int milliseconds,
                                  const std::function<void()>& body);

/// PTX of driver_kernels.cu.
[[nodiscard]] std::string_view kernels_ptx();

/// The primary context, current, with the kernels loaded.
class Session {
 public:
  Session();
  [[nodiscard]] CUfunction function(const char* name) const;
  /// Of device memory, filled with zeros.
  [[nodiscard]] static CUdeviceptr allocate(std::size_t bytes);
  [[nodiscard]] CUmodule module() const { return module_; }

 private:
  CUmodule module_ = nullptr;
};

/// One-dimensional launch on the default stream.
template <class... Arguments>
CUresult launch(CUfunction function, unsigned grid, unsigned block, Arguments... arguments) {
  void* pointers[] = {&arguments..., nullptr};
  return cuLaunchKernel(function, grid, 1, 1, block, 1, 1, 0, nullptr, pointers, nullptr);
}

template <class T>
std::vector<T> read(CUdeviceptr from, std::size_t count) {
  std::vector<T> values(count);
  EXPECT_EQ(cuMemcpyDtoH(values.data(), from, count * sizeof(T)), CUDA_SUCCESS);
  return values;
}

}  // namespace attest::driver
