// Matches patterns with the registers of kernels and properties.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/selection.h"

#include "harness/cli/arguments.h"
#include "harness/cli/pattern.h"
#include "properties/zoo/zoo.h"

#include <algorithm>

namespace attest {
namespace {

/// Entries that a pattern matches, in their own order.
template <class T>
Result<std::vector<const T*>> select(const char* what,
                                     const std::vector<const T*>& entries,
                                     const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const T* entry : entries)
    names.push_back(entry->name);
  std::vector<bool> is_chosen(entries.size(), false);
  for (const std::string& pattern : patterns) {
    bool has_match = false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!matches(pattern, names[i])) continue;
      is_chosen[i] = true;
      has_match = true;
    }
    if (!has_match) {
      return Error{Code::bad_input, no_such(what, pattern, names), std::string("--") + what};
    }
  }
  std::vector<const T*> chosen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (is_chosen[i]) chosen.push_back(entries[i]);
  }
  return chosen;
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

Result<std::vector<const KernelSpec*>> select_kernels(const std::vector<std::string>& patterns) {
  return select(
      "kernel", every_kernel(), patterns.empty() ? std::vector<std::string>{"*"} : patterns);
}

Result<std::vector<const Property*>> select_properties(const std::vector<std::string>& patterns) {
  std::vector<const Property*> properties;
  for (const Property& property : all_properties())
    properties.push_back(&property);
  return select(
      "property", properties, patterns.empty() ? std::vector<std::string>{"*"} : patterns);
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
