// Where wrong elements lie: the values that occur along each axis, and whether all combinations do.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/pattern.h"

#include <fmt/format.h>

#include <cstddef>
#include <set>

namespace attest {
namespace {

using Axis = std::set<std::int64_t>;

constexpr std::size_t kListed = 4;  // more values than this are given as a range

// "row 5", "rows 64..127", "rows 0..62 step 2", "rows 1, 7, 9", "12 rows in 3..200".
std::string describe_axis(const char* what, const Axis& values) {
  const std::int64_t first = *values.begin();
  const std::int64_t last = *values.rbegin();
  const auto count = static_cast<std::int64_t>(values.size());
  if (count == 1) return fmt::format("{} {}", what, first);
  const std::int64_t step = *std::next(values.begin()) - first;
  bool is_regular = true;
  std::int64_t expected = first;
  for (const std::int64_t value : values) {
    is_regular = is_regular && value == expected;
    expected += step;
  }
  const char* plural = what == std::string("batch") ? "es" : "s";
  if (is_regular && step == 1) return fmt::format("{}{} {}..{}", what, plural, first, last);
  if (is_regular && count > 2) {
    return fmt::format("{}{} {}..{} step {}", what, plural, first, last, step);
  }
  if (values.size() > kListed) {
    return fmt::format("{} {}{} in {}..{}", count, what, plural, first, last);
  }
  std::string text = fmt::format("{}{}", what, plural);
  const char* separator = " ";
  for (const std::int64_t value : values) {
    text += fmt::format("{}{}", separator, value);
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string describe_pattern(const std::vector<std::array<std::int64_t, 4>>& places,
                             const std::array<std::int64_t, 4>& shape) {
  constexpr std::array<const char*, 4> kNames = {"batch", "head", "row", "column"};
  if (places.empty()) return "nowhere";
  std::array<Axis, 4> axes;
  for (const auto& place : places) {
    for (std::size_t a = 0; a < 4; ++a) {
      axes[a].insert(place[a]);
    }
  }
  std::size_t box = 1;
  std::string where;
  bool is_every_head = true;
  std::size_t named = 0;
  std::size_t alone = 0;  // named axes with a single value
  for (std::size_t a = 0; a < 4; ++a) {
    box *= axes[a].size();
    if (static_cast<std::int64_t>(axes[a].size()) == shape[a]) continue;
    is_every_head = is_every_head && a >= 2;
    where += (where.empty() ? "" : ", ") + describe_axis(kNames[a], axes[a]);
    ++named;
    alone += axes[a].size() == 1 ? 1 : 0;
  }
  if (where.empty()) where = "all elements";
  if (is_every_head && named > 0 && shape[0] * shape[1] > 1) where += " of every head";
  if (named > 0 && named == alone) where += " only";
  if (box == places.size()) return where;
  return fmt::format("{} of {} elements in {}", places.size(), box, where);
}

}  // namespace attest
