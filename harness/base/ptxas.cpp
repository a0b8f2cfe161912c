// Reading the lines of `ptxas -v`.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/ptxas.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace attest {
namespace {

/// What stands between the first `before` and the next `after`; empty when they do not.
std::string_view between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t start = line.find(before);
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start + before.size());
  return line.substr(0, std::min(line.find(after), line.size()));
}

/// The number that stands before `unit`, as in "28 bytes spill stores".
std::int64_t number_before(std::string_view line, std::string_view unit) {
  const std::size_t end = line.find(unit);
  if (end == std::string_view::npos) return 0;
  std::size_t start = end;
  while (start > 0 && line[start - 1] >= '0' && line[start - 1] <= '9')
    --start;
  std::int64_t value = 0;
  std::from_chars(line.data() + start, line.data() + end, value);
  return value;
}

}  // namespace

std::vector<PtxasFigures> parse_ptxas(std::string_view text) {
  std::vector<PtxasFigures> entries;
  std::optional<PtxasFigures> current;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const std::string_view entry = between(line, "Compiling entry function '", "'");
        !entry.empty()) {
      current.emplace();
      current->entry = entry;
      current->arch = between(line, "' for '", "'");
    } else if (!current) {  // functions that an entry calls come after its last line
      continue;
    } else if (line.find(" bytes stack frame") != std::string_view::npos) {
      current->stack_bytes = number_before(line, " bytes stack frame");
      current->spill_store_bytes = number_before(line, " bytes spill stores");
      current->spill_load_bytes = number_before(line, " bytes spill loads");
    } else if (line.find(" registers") != std::string_view::npos) {
      current->registers = number_before(line, " registers");
      current->static_shared_bytes = number_before(line, " bytes smem");
      entries.push_back(*std::exchange(current, std::nullopt));
    }
  }
  return entries;
}

}  // namespace attest
