// Shards of one run, joined into what the whole run would have been.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/record/journal.h"

#include <string>
#include <vector>

namespace attest {

struct ShardJournal {
  std::string path;
  JournalContent content;
};

/// The run as one process would have judged it, numbers of cases included; `env` tells of the parts.
/// Errors  Code::bad_input, naming the shard, for one that is missing, doubled, cut off or of another
///         run: other seed, profile, plan, number of shards or version of the program.
///         With `allows_missing` cases may be missing; `env.missing` says which shards lack some.
Result<JournalContent> join_shards(const std::vector<ShardJournal>& shards, bool allows_missing);

}  // namespace attest
