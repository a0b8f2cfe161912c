// Counts over a run record.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/record.h"

#include <algorithm>
#include <charconv>

namespace attest {

std::int64_t count(const RunRecord& run, Verdict verdict) {
  return std::count_if(run.cases.begin(), run.cases.end(), [verdict](const CaseResult& result) {
    return result.verdict == verdict;
  });
}

std::int64_t judged(const RunRecord& run) {
  return count(run, Verdict::agree) + count(run, Verdict::disagree) + count(run, Verdict::fault);
}

std::string to_string(const Shard& shard) {
  return std::to_string(shard.index) + "/" + std::to_string(shard.of);
}

Result<Shard> parse_shard(std::string_view text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, shard.index);
  if (error == std::errc{} && slash != end && *slash == '/') {
    const auto [last, of_error] = std::from_chars(slash + 1, end, shard.of);
    const bool is_number = of_error == std::errc{} && last == end;
    if (is_number && shard.of <= kMaxShards && shard.index >= 1 && shard.index <= shard.of)
      return shard;
  }
  return Error{Code::bad_input,
               "shard '" + std::string(text) + "', allowed: K/N with K from 1 to N, N at most " +
                   std::to_string(kMaxShards),
               ""};
}

}  // namespace attest
