// Versions from the build, host and time from the system.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/build_info.h"

#include "harness/base/ptxas.h"
#include "kernels/kernel_spec.h"
#include "kernels/layer_launch.h"
#include "kernels/operation_spec.h"

#include <array>
#include <ctime>
#include <unistd.h>
#include <vector>

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

void add_figures(Environment& env, std::string_view ptxas) {
  const std::vector<PtxasFigures> figures = parse_ptxas(ptxas);
  env.ptxas.insert(env.ptxas.end(), figures.begin(), figures.end());
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
  for (const KernelSpec& kernel : all_kernels())
    add_figures(env, kernel.ptxas);
  for (const OperationSpec& operation : all_operation_specs())
    add_figures(env, operation.ptxas);
  add_figures(env, layer_single_ptxas());
  return env;
}

}  // namespace attest
