// Devices: what `--device` selects on this machine, and the executor for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command.h"

#include <string>
#include <vector>

namespace attest {

struct DeviceChoice {
  std::vector<Device> devices = {Device::ptx};  // in the order in which a case runs on them
  std::string gpu;                              // "NVIDIA H100, sm_90, .."; empty without one
  bool has_cublas = false;                      // on that GPU

  [[nodiscard]] bool has_gpu() const { return !gpu.empty(); }
  /// "sm_90" where the interpreter models it, else empty.
  [[nodiscard]] std::string gpu_arch() const;
};

/// `flag` is auto (ptx, and cuda where a GPU is), ptx or cuda. A GPU is looked for unless it is ptx.
/// Errors  Code::bad_input for another word, Code::unsupported with why no GPU can be used for cuda.
Result<DeviceChoice> choose_devices(const std::string& flag, Context& context);

/// Prints the error of choose_devices(); the exit code that stands for it.
Exit report_no_device(const Error& error, Context& context);

/// Runs each job where its mode says.
[[nodiscard]] std::unique_ptr<Executor> make_executor(const DeviceChoice& choice,
                                                      const Context& context);

}  // namespace attest
