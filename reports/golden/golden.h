// Golden files: the expected text of a view, kept in reports/golden.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>

namespace attest {

/// The text of reports/golden/<file>; empty, with a test failure, when it cannot be read.
[[nodiscard]] std::string golden(const std::string& file);

/// `text` is that of reports/golden/<file>. With ATTEST_GOLDEN_UPDATE set the file is written anew
/// instead, for a person to look at the difference.
void expect_golden(const std::string& text, const std::string& file);

/// report.html with its style, scripts and data cut out.
[[nodiscard]] std::string markup(const std::string& page);

/// A run in which everything held.
[[nodiscard]] RunRecord green_run();

}  // namespace attest
