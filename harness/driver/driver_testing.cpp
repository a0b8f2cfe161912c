// Processes of the tests.
// SPDX-License-Identifier: Apache-2.0
#include "harness/driver/driver_testing.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace attest::embedded {
std::string_view driver_kernels();
}

namespace attest::driver {
namespace {

pid_t start(const Environment& environment, const std::function<void()>& body) {
  std::cout << std::flush;
  const pid_t child = fork();
  if (child != 0) return child;
  for (const auto& [name, value] : environment)
    setenv(name.c_str(), value.c_str(), 1);
  body();
  std::cout << std::flush;
  std::exit(::testing::Test::HasFailure() ? 1 : 0);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

bool holds_in_child(const Environment& environment, const std::function<void()>& body) {
  const pid_t child = start(environment, body);
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool hangs_in_child(const Environment& environment,
                    int milliseconds,
                    const std::function<void()>& body) {
  const pid_t child = start(environment, body);
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  int status = 0;
  const bool is_there = waitpid(child, &status, WNOHANG) == 0;
  if (is_there) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
  }
  return is_there;
}

std::string_view kernels_ptx() {
  static const std::string text(embedded::driver_kernels());  // ends with a zero byte
  return text;
}

Session::Session() {
  CUcontext context = nullptr;
  EXPECT_EQ(cuInit(0), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxRetain(&context, 0), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxSetCurrent(context), CUDA_SUCCESS);
  EXPECT_EQ(cuModuleLoadData(&module_, kernels_ptx().data()), CUDA_SUCCESS);
}

CUfunction Session::function(const char* name) const {
  CUfunction found = nullptr;
  EXPECT_EQ(cuModuleGetFunction(&found, module_, name), CUDA_SUCCESS) << name;
  return found;
}

CUdeviceptr Session::allocate(std::size_t bytes) {
  CUdeviceptr address = 0;
  EXPECT_EQ(cuMemAlloc(&address, bytes), CUDA_SUCCESS);
  EXPECT_EQ(cuMemsetD8(address, 0, bytes), CUDA_SUCCESS);
  return address;
}

}  // namespace attest::driver
