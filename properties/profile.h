// Profile: how much a run does, by name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace attest {

/// How much a run does. Numbers of cases and evaluations, never time.
struct Profile {
  std::string_view name;
  std::int64_t cases = 0;          // of attention, accepted by their kernels; refused ones on top
  std::int64_t shrink_budget = 0;  // evaluations per failure
  std::int64_t work = 0;        // per case at most: score pairs of whole tiles * head_dim/64 * runs
  bool draws_contract = false;  // else off, unless a flag says so
  std::int64_t operation_cases = 0;  // of operations, beside those of attention
  std::int64_t plans = 0;            // keys that the oracle cudnn builds plans for
};
[[nodiscard]] const std::vector<Profile>& all_profiles();
/// Errors  Code::bad_input, naming the text and the allowed names.
Result<Profile> find_profile(std::string_view name);

}  // namespace attest
