// Glob matching and edit distance.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace attest {
namespace {

/// Insertions, deletions and replacements that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

std::string without_wildcards(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) {
    return c != '*' && c != '?';
  });
  return out;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;  // the last * in the pattern
  std::size_t resume = 0;                     // where the name goes on if that * takes more
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() &&
               (pattern[p] == name[n] || (pattern[p] == '?' && name[n] != '/'))) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos && name[resume] != '/') {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string> close_matches(std::string_view text,
                                       const std::vector<std::string>& names) {
  const std::string wanted = without_wildcards(text);
  if (wanted.empty()) return {};
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& name : names) {
    const bool is_part = name.find(wanted) != std::string::npos;
    const std::size_t distance = is_part ? 0 : edit_distance(wanted, name);
    if (distance * 2 <= std::max(wanted.size(), name.size())) ranked.emplace_back(distance, name);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> close;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) {
    close.push_back(ranked[i].second);
  }
  return close;
}

std::string no_such(std::string_view what,
                    std::string_view text,
                    const std::vector<std::string>& names) {
  const std::vector<std::string> close = close_matches(text, names);
  return close.empty()
             ? fmt::format("no {} '{}'; there are: {}", what, text, fmt::join(names, ", "))
             : fmt::format("no {} '{}'; close: {}", what, text, fmt::join(close, ", "));
}

}  // namespace attest
