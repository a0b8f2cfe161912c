// Tables of the record that the page alone shows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"
#include "reports/table.h"

namespace attest {

/// Who judged, and how much.
[[nodiscard]] Table oracles_table(const RunRecord& run);
/// Pairs of axis values by kernel and dtype: possible, met, empty.
[[nodiscard]] Table pairs_table(const RunRecord& run);
/// Keys of an oracle that were planned or executed, with its opinion.
[[nodiscard]] Table keys_table(const OracleRecord& oracle);
/// Keys without a plan, by outcome and reason.
[[nodiscard]] Table reasons_table(const OracleRecord& oracle);
/// How the run was made.
[[nodiscard]] Table run_table(const RunRecord& run);

}  // namespace attest
