// Golden files: the expected text of a view, kept in reports/golden.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/record.h"

#include <string>

namespace attest {

/// The text of reports/golden/<file>; empty, with a test failure, when it cannot be read.
[[nodiscard]] std::string golden(const std::string& file);

/// A run in which everything held.
[[nodiscard]] RunRecord green_run();

}  // namespace attest
