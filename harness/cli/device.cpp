// Looks for a GPU where one is wanted.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/device.h"

#include "harness/cli/arguments.h"
#include "harness/cli/selection.h"
#include "harness/executor/device_executor.h"

#include <algorithm>

namespace attest {

std::string DeviceChoice::gpu_arch() const {
  const std::size_t at = gpu.find("sm_");
  if (at == std::string::npos) return "";
  const std::size_t end = gpu.find_first_not_of("0123456789", at + 3);
  const std::string arch = gpu.substr(at, end == std::string::npos ? end : end - at);
  return check_arch(arch) ? arch : "";
}

Result<DeviceChoice> choose_devices(const std::string& flag, Context& context) {
  ATTEST_TRY([[maybe_unused]] const std::size_t known,
             parse_choice("--device", flag, {"auto", "ptx", "cuda"}));
  DeviceChoice choice;
  if (flag == "ptx") return choice;
  const auto parts = probe_parts(context.cuda);
  const auto gpu = parts ? usable_device(*parts) : Result<std::string>(parts.error());
  if (gpu) {
    choice.gpu = *gpu;
    choice.has_cublas = std::any_of(parts->begin(), parts->end(), [](const CudaPart& part) {
      return part.name == "cublas" && part.is_there;
    });
  }
  if (flag == "auto") {
    if (choice.has_gpu()) choice.devices.push_back(Device::cuda);
    return choice;
  }
  if (!gpu) return Error{Code::unsupported, gpu.error().to_string(), "--device cuda"};
  choice.devices = {Device::cuda};
  return choice;
}

Exit report_no_device(const Error& error, Context& context) {
  const Exit exit = report_error(error, context);
  return error.code == Code::unsupported ? Exit::nothing_judged : exit;
}

std::unique_ptr<Executor> make_executor(const DeviceChoice& choice, const Context& context) {
  return make_device_executor(context.make_executor(),
                              choice.has_gpu() ? make_cuda_executor(context.cuda) : nullptr);
}

}  // namespace attest
