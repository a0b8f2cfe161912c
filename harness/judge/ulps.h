// Errors of O in units in the last place, for a person to look at; no verdict hangs on them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"
#include "harness/problem/tensor.h"
#include "harness/record/ulp_record.h"

#include <vector>

namespace attest {

/// Counts of `o` and of the unfused computation against the reference.
/// Shapes  o [batch, heads_q, seq_q, head_dim_v]; the others packed in the same order
[[nodiscard]] UlpRecord ulp_record(const HostTensor& o,
                                   const std::vector<double>& unfused,
                                   const std::vector<double>& reference);

/// The distance between neighbours of the dtype at this magnitude, subnormals included.
[[nodiscard]] double unit_in_last_place(Dtype dtype, double magnitude);

}  // namespace attest
