// Looks for each part by opening it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cuda/parts.h"

#include "harness/cuda/blas.h"
#include "harness/cuda/kernel_trace.h"
#include "harness/cuda/session.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>

namespace attest::cuda {
namespace {

using Json = nlohmann::json;

Json part(const std::string& name, bool is_there, const std::string& detail) {
  return {{"name", name}, {"is_there", is_there}, {"detail", detail}};
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

void add_library(Json& parts, const std::string& name, const Result<std::string>& version) {
  parts.push_back(
      part(name, version.has_value(), version ? version.value() : version.error().to_string()));
}

void add_device(Json& parts) {
  auto session = Session::open();
  if (!session) {
    const bool has_driver = Driver::open().has_value();
    const std::string why = session.error().to_string();
    parts.push_back(part("driver", has_driver, has_driver ? "libcuda.so.1" : why));
    parts.push_back(part("device", false, why));
    return;
  }
  const DeviceInfo& info = (*session)->device();
  parts.push_back(part("driver", true, "CUDA " + version_text(info.driver_version)));
  parts.push_back(part("device",
                       true,
                       fmt::format("{}, sm_{}{}, {} multiprocessors, {} MiB",
                                   info.name,
                                   info.major,
                                   info.minor,
                                   info.multiprocessors,
                                   info.memory_bytes >> 20U)));
}

}  // namespace

Message parts_message() {
  Json parts = Json::array();
  add_device(parts);
  add_library(parts, "cublas", blas_version());
  add_library(parts, "cublaslt", blas_lt_version());
  add_library(parts, "cupti", cupti_version());
  const auto driver = Driver::open();
  const auto symbols = driver ? driver.value()->symbols() : std::vector<std::string>();
  return {Json({{"parts", parts}, {"symbols", symbols}})
              .dump(-1, ' ', false, Json::error_handler_t::replace),
          {}};
}

}  // namespace attest::cuda
