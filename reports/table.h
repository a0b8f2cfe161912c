// Table: rows of text under a heading, aligned for a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace attest {

struct Column {
  std::string title;
  bool is_number = false;  // aligned to the right
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

/// Columns two blanks apart, `indent` before each line, no blanks at line ends; empty for no rows.
[[nodiscard]] std::string to_text(const Table& table, int indent);

/// The same as a table of GitHub's Markdown, where '|' in a cell is escaped; empty for no rows.
[[nodiscard]] std::string to_markdown(const Table& table);

}  // namespace attest
