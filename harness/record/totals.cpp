// The sums of a run: one pass over its cases.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/totals.h"

#include <cmath>
#include <tuple>

namespace attest {

std::int64_t VerdictCounts::judged() const {
  return (*this)[Verdict::agree] + (*this)[Verdict::disagree] + (*this)[Verdict::fault];
}

void Largest::take(double candidate, const Case& which) {
  if (std::isnan(ratio) || candidate <= ratio) return;  // a NaN candidate is not <=
  ratio = candidate;
  id = attest::id(which);
}

Totals tally(const RunRecord& run) {
  Totals totals;
  std::map<std::tuple<std::string, std::string, Dtype>, Cell> cells;
  std::map<Dtype, DtypeLargest> largest;
  std::map<std::tuple<Verdict, std::string, std::string>, std::int64_t> skips;
  for (const CaseResult& result : run.cases) {
    const Case& which = result.which;
    const Dtype dtype = attest::dtype(which.problem);
    const auto launches = static_cast<std::int64_t>(result.launches.size());
    Cell& cell = cells[{which.kernel, which.property, dtype}];
    ++totals.counts[result.verdict];
    ++cell.counts[result.verdict];
    totals.launches += launches;
    cell.launches += launches;
    if (!is_judged(result.verdict)) {
      ++skips[{result.verdict, which.kernel, result.reason}];
      continue;
    }
    cell.o.take(result.ratio_o, which);
    cell.lse.take(result.ratio_lse, which);
    DtypeLargest& of_dtype = largest[dtype];
    of_dtype.o.take(result.ratio_o, which);
    of_dtype.lse.take(result.ratio_lse, which);
  }
  for (auto& [key, cell] : cells) {
    std::tie(cell.kernel, cell.property, cell.dtype) = key;
    totals.cells.push_back(std::move(cell));
  }
  for (auto& [dtype, entry] : largest) {
    entry.dtype = dtype;
    totals.largest.push_back(std::move(entry));
  }
  for (const auto& [key, cases] : skips) {
    totals.skips.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), cases});
  }
  return totals;
}

}  // namespace attest
