// PageData: the run as columns, small enough for a page with 20,000 cases in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>

namespace attest {

/// One JSON object for the scripts of report.html (reports/page/data.js says what is in it). Safe
/// inside <script>: it has no '<'.
[[nodiscard]] std::string page_data(const RunRecord& run);

}  // namespace attest
