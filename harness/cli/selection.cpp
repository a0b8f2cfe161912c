// Matches patterns with the registers of kernels and properties.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/selection.h"

#include "harness/cli/arguments.h"
#include "harness/cli/pattern.h"
#include "properties/zoo/zoo.h"

#include <algorithm>

namespace attest {
namespace {

/// Of each name, whether a pattern matches it.
Result<std::vector<bool>> chosen(const char* what,
                                 const std::vector<std::string>& names,
                                 const std::vector<std::string>& patterns) {
  std::vector<bool> is_chosen(names.size(), false);
  for (const std::string& pattern : patterns) {
    bool has_match = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!matches(pattern, names[i])) continue;
      is_chosen[i] = true;
      has_match = true;
    }
    if (!has_match) {
      return Error{Code::bad_input, no_such(what, pattern, names), std::string("--") + what};
    }
  }
  return is_chosen;
}

std::vector<std::string> or_any(const std::vector<std::string>& patterns) {
  return patterns.empty() ? std::vector<std::string>{"*"} : patterns;
}

}  // namespace

std::vector<const KernelSpec*> every_kernel() {
  std::vector<const KernelSpec*> kernels;
  for (const KernelSpec& kernel : all_kernels())
    kernels.push_back(&kernel);
  static const std::vector<KernelSpec> faulty = zoo_kernels();
  for (const KernelSpec& kernel : faulty)
    kernels.push_back(&kernel);
  return kernels;
}

std::vector<const OperationSpec*> every_operation_kernel() {
  static const std::vector<OperationSpec> faulty = zoo_operations();
  std::vector<const OperationSpec*> kernels;
  for (const auto* const specs : {&all_operation_specs(), &faulty}) {
    for (const OperationSpec& kernel : *specs)
      kernels.push_back(&kernel);
  }
  return kernels;
}

Result<KernelSelection> select_kernels(const std::vector<std::string>& patterns) {
  const std::vector<const KernelSpec*> attention = every_kernel();
  std::vector<std::string> names;
  for (const KernelSpec* kernel : attention)
    names.push_back(kernel->name);
  const std::vector<const OperationSpec*> operations = every_operation_kernel();
  for (const OperationSpec* kernel : operations)
    names.push_back(kernel->name);
  ATTEST_TRY(const std::vector<bool> is_chosen, chosen("kernel", names, or_any(patterns)));
  KernelSelection out;
  for (std::size_t i = 0; i < attention.size(); ++i) {
    if (is_chosen[i]) out.attention.push_back(attention[i]);
  }
  for (std::size_t i = attention.size(); i < names.size(); ++i) {
    if (is_chosen[i]) out.operations.push_back(operations[i - attention.size()]);
  }
  return out;
}

Result<std::vector<const Property*>> select_properties(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const Property& property : all_properties())
    names.push_back(property.name);
  ATTEST_TRY(const std::vector<bool> is_chosen, chosen("property", names, or_any(patterns)));
  std::vector<const Property*> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_chosen[i]) out.push_back(&all_properties()[i]);
  }
  return out;
}

Result<std::vector<const Pipeline*>> select_pipelines(const std::vector<std::string>& patterns) {
  static const std::vector<Pipeline> faulty = zoo_pipelines();
  std::vector<const Pipeline*> pipelines = pipelines_by_launches();
  for (const Pipeline& pipeline : faulty)
    pipelines.push_back(&pipeline);
  std::vector<std::string> names;
  for (const Pipeline* pipeline : pipelines)
    names.push_back(pipeline->name);
  ATTEST_TRY(const std::vector<bool> is_chosen, chosen("pipeline", names, or_any(patterns)));
  std::vector<const Pipeline*> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_chosen[i]) out.push_back(pipelines[i]);
  }
  return out;
}

Result<std::vector<Dtype>> select_dtypes(const std::vector<std::string>& names) {
  std::vector<Dtype> dtypes;
  for (const std::string& text : names) {
    auto dtype = parse_dtype(text);
    if (!dtype) return Error{Code::bad_input, dtype.error().message, "--dtype"};
    if (std::find(dtypes.begin(), dtypes.end(), *dtype) == dtypes.end()) dtypes.push_back(*dtype);
  }
  return dtypes;
}

Status check_arch(const std::string& arch) {
  static const std::vector<std::string> archs = {
      "sm_70", "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"};
  if (arch.empty()) return Done{};
  ATTEST_TRY([[maybe_unused]] const std::size_t index, parse_choice("--arch", arch, archs));
  return Done{};
}

}  // namespace attest
