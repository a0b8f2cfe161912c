// What cuDNN says of a run's attentions, as the record keeps it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/problem.h"
#include "harness/record/oracle_record.h"
#include "harness/record/record.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace attest {

struct CudnnOpinionOptions {
  std::string program;  // attest-cudnn; empty: not built
  std::vector<Problem> problems;
  std::int64_t plans = 0;  // keys
  int jobs = 1;
  std::function<bool()> stop;
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// The attentions among these cases, in their order.
[[nodiscard]] std::vector<Problem> attentions_of(const std::vector<CaseResult>& cases);

/// What a shard says: keys are counted over the whole run, so merge asks.
[[nodiscard]] OracleRecord opinion_left_to_merge();

/// Never fails: an attest-cudnn that cannot be asked is the record's state.
[[nodiscard]] OracleRecord cudnn_opinion(const CudnnOpinionOptions& options);

}  // namespace attest
