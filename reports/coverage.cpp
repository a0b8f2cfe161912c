// Counts over the problems of judged cases.
// SPDX-License-Identifier: Apache-2.0
#include "reports/coverage.h"

#include "harness/problem/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace attest {
namespace {

/// Ordered by a rank, so that an axis keeps its own order.
using Counts = std::map<std::pair<std::int64_t, std::string>, std::int64_t>;

void count_masks(Counts& counts, const Mask& mask) {
  const bool any =
      mask.causal || mask.window || mask.kv_lengths || mask.boolean || mask.bias || mask.alibi;
  if (!any) ++counts[{0, "none"}];
  if (mask.causal == Alignment::top_left) ++counts[{1, "causal-tl"}];
  if (mask.causal == Alignment::bottom_right) ++counts[{2, "causal-br"}];
  if (mask.window) ++counts[{3, "window"}];
  if (mask.kv_lengths) ++counts[{4, "padding"}];
  if (mask.boolean) ++counts[{5, "bool"}];
  if (mask.bias) ++counts[{6, "bias"}];
  if (mask.alibi) ++counts[{7, "alibi"}];
}

AxisCoverage axis(const char* name, const Counts& counts) {
  AxisCoverage coverage{name, {}};
  for (const auto& [key, cases] : counts)
    coverage.values.emplace_back(key.second, cases);
  return coverage;
}

bool has_empty_dimension(const Problem& problem) {
  return problem.batch == 0 || problem.seq_q == 0 || problem.seq_kv == 0;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return fmt::format("{:.0f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::vector<AxisCoverage> axis_coverage(const RunRecord& run) {
  Counts masks;
  Counts data;
  Counts layouts;
  Counts head_dims;
  for (const CaseResult& result : run.cases) {
    if (!is_judged(result.verdict)) continue;
    const auto* const attention = std::get_if<Problem>(&result.which.problem);
    if (attention == nullptr) continue;
    const Problem& problem = *attention;
    count_masks(masks, problem.mask);
    ++data[{static_cast<std::int64_t>(problem.data.kind), std::string(name(problem.data.kind))}];
    ++layouts[{0, problem.layout == Layout::bshd ? "bshd" : "bhsd"}];
    ++head_dims[{problem.head_dim, std::to_string(problem.head_dim)}];
  }
  return {axis("mask", masks), axis("data", data), axis("layout", layouts), axis("d", head_dims)};
}

std::string shape_mix(const RunRecord& run) {
  std::vector<std::int64_t> pairs;
  std::int64_t unequal = 0;
  std::int64_t grouped = 0;
  std::int64_t empty = 0;
  for (const CaseResult& result : run.cases) {
    if (!is_judged(result.verdict)) continue;
    const auto* const attention = std::get_if<Problem>(&result.which.problem);
    if (attention == nullptr) continue;
    const Problem& problem = *attention;
    pairs.push_back(problem.seq_q * problem.seq_kv);
    unequal += problem.seq_q != problem.seq_kv ? 1 : 0;
    grouped += problem.heads_q != problem.heads_kv ? 1 : 0;
    empty += has_empty_dimension(problem) ? 1 : 0;
  }
  if (pairs.empty()) return "";
  const auto cases = static_cast<std::int64_t>(pairs.size());
  const auto middle = pairs.begin() + (cases - 1) / 2;
  std::nth_element(pairs.begin(), middle, pairs.end());
  return fmt::format(
      "median sq*skv {}, sq != skv in {}, grouped heads in {}, an empty dimension in {}",
      *middle,
      percent(unequal, cases),
      percent(grouped, cases),
      percent(empty, cases));
}

}  // namespace attest
