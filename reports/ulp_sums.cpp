// One pass over the cases.
// SPDX-License-Identifier: Apache-2.0
#include "reports/ulp_sums.h"

#include <map>
#include <utility>

namespace attest {
namespace {

void add(UlpSums& sums, const UlpRecord& ulps) {
  ++sums.cases;
  for (std::size_t n = 0; n < kUlpClasses; ++n) {
    sums.of_kernel[n] += ulps.kernel[n];
    sums.of_unfused[n] += ulps.unfused[n];
  }
}

}  // namespace

std::vector<UlpSums> ulp_sums(const RunRecord& run) {
  std::map<std::pair<std::string, Dtype>, UlpSums> sums;
  for (const CaseResult& result : run.cases) {
    if (result.ulps) add(sums[{result.which.kernel, dtype(result.which.problem)}], *result.ulps);
  }
  std::vector<UlpSums> out;
  for (auto& [key, sum] : sums) {
    sum.kernel = key.first;
    sum.dtype = key.second;
    out.push_back(std::move(sum));
  }
  return out;
}

}  // namespace attest
