// quick, ci and soak.
// SPDX-License-Identifier: Apache-2.0
#include "properties/profile.h"

#include <fmt/format.h>

#include <string>

namespace attest {

const std::vector<Profile>& all_profiles() {
  static const std::vector<Profile> table = {{.name = "quick",
                                              .cases = 1'024,
                                              .shrink_budget = 2'000,
                                              .work = 1 << 19,
                                              .operation_cases = 256,
                                              .plans = 4},
                                             {.name = "ci",
                                              .cases = 10'240,
                                              .shrink_budget = 4'000,
                                              .work = 1 << 19,
                                              .operation_cases = 2'560,
                                              .plans = 200},
                                             {.name = "soak",
                                              .cases = 100'000,
                                              .shrink_budget = 10'000,
                                              .work = 1 << 19,
                                              .draws_contract = true,
                                              .operation_cases = 25'000,
                                              .plans = 200}};
  return table;
}

Result<Profile> find_profile(std::string_view name) {
  std::string allowed;
  for (const Profile& profile : all_profiles()) {
    if (profile.name == name) return profile;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", profile.name);
  }
  return Error{Code::bad_input, fmt::format("profile '{}', allowed: {}", name, allowed), ""};
}

}  // namespace attest
