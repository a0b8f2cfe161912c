// Sums over cases in draw order.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace attest {
namespace {

struct Sums {
  Figures out;
  ErrorSums errors;

  void add(const CaseResult& result) {
    const ErrorSums& of_case = *result.errors;
    ++out.cases;
    errors.elements += of_case.elements;
    errors.ratio_squares += of_case.ratio_squares;
    errors.ratio_signed += of_case.ratio_signed;
    errors.bound_squares += of_case.bound_squares;
    errors.value_squares += of_case.value_squares;
    out.ratio_max = std::max(out.ratio_max, result.ratio_o);
    out.likely_max = std::max(out.likely_max, result.ratio_likely);
    if (of_case.elements > 0)
      compare_unfused(of_case, unit_roundoff(attest::dtype(result.which.problem)));
  }

  void compare_unfused(const ErrorSums& of_case, double roundoff) {
    if (!(of_case.unfused_max <= kInconclusive * of_case.value_max)) {
      ++out.inconclusive;
      return;
    }
    ++out.conclusive;
    const double unfused = std::max(of_case.unfused_max, roundoff * of_case.value_max);
    if (!(unfused > 0)) return;
    if (of_case.error_max > 2 * unfused) ++out.above_twice;
    out.unfused_max = std::max(out.unfused_max, of_case.error_max / unfused);
  }

  Figures figures() && {
    out.elements = errors.elements;
    if (errors.elements == 0) return std::move(out);
    const auto elements = static_cast<double>(errors.elements);
    out.ratio_rms = std::sqrt(errors.ratio_squares / elements);
    out.bias = errors.ratio_signed / elements;
    if (errors.value_squares > 0)
      out.bound_over_o = std::sqrt(errors.bound_squares / errors.value_squares);
    return std::move(out);
  }
};

}  // namespace

std::vector<Figures> figures(const RunRecord& run) {
  std::map<std::pair<std::string, Dtype>, Sums> sums;
  for (const CaseResult& result : run.cases) {
    if (result.verdict != Verdict::agree || !result.errors) continue;
    sums[{result.which.kernel, attest::dtype(result.which.problem)}].add(result);
  }
  std::vector<Figures> out;
  for (auto& [key, of_key] : sums) {
    Figures& entry = out.emplace_back(std::move(of_key).figures());
    entry.kernel = key.first;
    entry.dtype = key.second;
  }
  return out;
}

}  // namespace attest
