// A table as HTML.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reports/table.h"

#include <string>
#include <string_view>

namespace attest {

/// A table whose columns the page can sort; words that are verdicts get a class. Empty for no rows.
[[nodiscard]] std::string to_html(const Table& table, std::string_view caption);

}  // namespace attest
