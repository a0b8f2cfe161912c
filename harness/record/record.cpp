// Counts over a run record.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record.h"

#include <algorithm>

namespace attest {

std::int64_t count(const RunRecord& run, Verdict verdict) {
  return std::count_if(run.cases.begin(), run.cases.end(), [verdict](const CaseResult& result) {
    return result.verdict == verdict;
  });
}

std::int64_t judged(const RunRecord& run) {
  return count(run, Verdict::agree) + count(run, Verdict::disagree) + count(run, Verdict::fault);
}

}  // namespace attest
