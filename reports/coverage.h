// What the judged cases of a run covered: values of each axis, and the mix of shapes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace attest {

/// How often the judged cases had each value of an axis, in the axis's own order.
struct AxisCoverage {
  std::string axis;  // "mask"
  std::vector<std::pair<std::string, std::int64_t>> values;
};

/// Masks (each part of a conjunction counts), data, layouts, head sizes; values that were drawn.
[[nodiscard]] std::vector<AxisCoverage> axis_coverage(const RunRecord& run);

/// Median of seq_q * seq_kv, shares of seq_q != seq_kv, of grouped heads, of an empty dimension;
/// empty when nothing was judged.
[[nodiscard]] std::string shape_mix(const RunRecord& run);

}  // namespace attest
