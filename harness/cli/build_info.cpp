// Versions from the build, host and time from the system.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/build_info.h"

#include <array>
#include <ctime>
#include <unistd.h>

namespace attest {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  std::array<char, 32> text{};
  if (gmtime_r(&now, &utc) == nullptr) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

}  // namespace

const BuildInfo& build_info() {
  static const BuildInfo info = {
      ATTEST_VERSION, ATTEST_COMPILER, ATTEST_NVCC_VERSION, ATTEST_EIGEN_VERSION};
  return info;
}

Environment current_environment(const std::string& command, int jobs) {
  Environment env;
  env.host = host_name();
  env.version = build_info().version;
  env.compiler = build_info().compiler;
  env.nvcc = build_info().nvcc;
  env.command = command;
  env.started = now_utc();
  env.jobs = jobs;
  return env;
}

}  // namespace attest
