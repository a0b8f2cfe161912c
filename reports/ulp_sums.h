// Errors in units in the last place, summed over the cases of a kernel and dtype.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>
#include <vector>

namespace attest {

struct UlpSums {
  std::string kernel;
  Dtype dtype = Dtype::f32;
  std::int64_t cases = 0;
  UlpCounts of_kernel{};
  UlpCounts of_unfused{};
};

/// Sorted by kernel and dtype; those without such a case are left out.
[[nodiscard]] std::vector<UlpSums> ulp_sums(const RunRecord& run);

}  // namespace attest
