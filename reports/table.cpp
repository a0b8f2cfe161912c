// Tables as aligned lines.
// SPDX-License-Identifier: Apache-2.0
#include "reports/table.h"

#include "harness/base/check.h"
#include "reports/printable.h"

#include <algorithm>

namespace attest {
namespace {

void append_row(std::string& out,
                const std::vector<std::string>& cells,
                const std::vector<Column>& columns,
                const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += "  ";
    const std::string padding(widths[i] - cells[i].size(), ' ');
    out += columns[i].is_number ? padding + cells[i] : cells[i] + padding;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

std::string escaped(const std::string& cell) {
  std::string out;
  for (const char c : printable(cell)) {
    if (c == '|' || c == '<' || c == '\\' || c == '`') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string to_text(const Table& table, int indent) {
  if (table.rows.empty()) return "";
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) {
    titles.push_back(column.title);
    widths.push_back(column.title.size());
  }
  std::vector<std::vector<std::string>> rows = table.rows;
  for (auto& row : rows) {
    ATTEST_CHECK(row.size() == table.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = single_line(row[i]);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string out = margin;
  append_row(out, titles, table.columns, widths);
  for (const auto& row : rows) {
    out += margin;
    append_row(out, row, table.columns, widths);
  }
  return out;
}

std::string to_markdown(const Table& table) {
  if (table.rows.empty()) return "";
  std::string titles = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    titles += " " + escaped(column.title) + " |";
    rule += column.is_number ? " ---: |" : " --- |";
  }
  std::string out = titles + "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const std::string& cell : row)
      out += " " + escaped(cell) + " |";
    out += "\n";
  }
  return out;
}

}  // namespace attest
