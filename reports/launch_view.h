// Every entry that a run launched, with sums over its launches, as a table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "reports/table.h"

namespace attest {

/// Of the cases, and of the layers' pipelines; sorted by name. Registers and spills as ptxas said.
[[nodiscard]] Table launches_table(const RunRecord& run);

}  // namespace attest
