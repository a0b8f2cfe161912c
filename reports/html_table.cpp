// Rows and cells, escaped.
// SPDX-License-Identifier: Apache-2.0
#include "reports/html_table.h"

#include "reports/printable.h"

#include <fmt/format.h>

namespace attest {
namespace {

/// A word of a table that says good or bad by itself.
std::string_view class_of(const std::string& cell) {
  if (cell == "disagree" || cell == "fault" || cell == "WORSE") return "bad";
  if (cell == "agree" || cell == "BETTER") return "good";
  if (cell == "refused" || cell == "not run" || cell == "AMBIGUOUS" || cell == "GONE")
    return "doubt";
  return "";
}

}  // namespace

std::string to_html(const Table& table, std::string_view caption) {
  if (table.rows.empty()) return "";
  std::string out =
      fmt::format("<div class=\"table\"><table class=\"sortable\"><caption>{}</caption><thead><tr>",
                  html_text(caption));
  for (const Column& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>",
                       column.is_number ? " class=\"number\"" : "",
                       html_text(column.title));
  }
  out += "</tr></thead><tbody>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string_view word = table.columns[i].is_number ? "number" : class_of(row[i]);
      out += word.empty() ? "<td>" : fmt::format("<td class=\"{}\">", word);
      out += html_text(row[i]) + "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>";
}

}  // namespace attest
