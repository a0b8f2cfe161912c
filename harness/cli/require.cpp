// The table of requirements.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/require.h"

#include "harness/cli/pattern.h"
#include "harness/executor/cuda_executor.h"

#include <algorithm>

namespace attest {
namespace {

std::optional<std::string> without_cuda(Context& context) {
  const auto gpu = probe_cuda(context.cuda);
  return gpu ? std::nullopt : std::optional(gpu.error().to_string());
}

std::optional<std::string> without_cudnn(Context& context) {
  if (context.cudnn_program.empty()) return "attest-cudnn is not built";
  return std::nullopt;
}

std::optional<std::string> without_cudnn_on_a_gpu(Context& context) {
  const auto missing = without_cudnn(context);
  return missing ? missing : without_cuda(context);
}

}  // namespace

const std::vector<Requirement>& all_requirements() {
  static const std::vector<Requirement> table = {
      {"cuda", without_cuda}, {"cudnn", without_cudnn}, {"cudnn:executed", without_cudnn_on_a_gpu}};
  return table;
}

Result<std::vector<const Requirement*>> parse_requirements(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Requirement& requirement : all_requirements())
    known.push_back(requirement.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      return Error{Code::bad_input, no_such("requirement", name, known), "--require"};
  }
  std::vector<const Requirement*> out;
  for (const Requirement& requirement : all_requirements()) {
    if (std::find(names.begin(), names.end(), requirement.name) != names.end())
      out.push_back(&requirement);
  }
  return out;
}

bool report_unmet(const std::vector<const Requirement*>& requirements, Context& context) {
  for (const Requirement* requirement : requirements) {
    const auto why = requirement->unmet(context);
    if (!why) continue;
    report_error({Code::unsupported, *why, "--require " + requirement->name}, context);
    return true;
  }
  return false;
}

}  // namespace attest
