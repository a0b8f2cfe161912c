// Checks that the parts are of one run, then puts the cases in the order of the plan.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/join_shards.h"

#include "properties/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace attest {
namespace {

const Shard& shard_of(const ShardJournal& part) {
  return part.content.run.env.shard;
}

Error refuse(const ShardJournal& part, const std::string& why) {
  return Error{
      Code::bad_input, fmt::format("shard {} {}", to_string(shard_of(part)), why), part.path};
}

Status check_same_run(const ShardJournal& part, const ShardJournal& first) {
  const RunRecord& run = part.content.run;
  const RunRecord& other = first.content.run;
  if (run.plan.empty()) return Error{Code::bad_input, "is not the run of a check", part.path};
  if (shard_of(part).of != shard_of(first).of) {
    return refuse(part, fmt::format("is not one of {}, as {} is", shard_of(first).of, first.path));
  }
  if (run.seed != other.seed) {
    return refuse(part,
                  fmt::format("has seed {:#x}, {} has {:#x}", run.seed, first.path, other.seed));
  }
  if (run.env.version != other.env.version) {
    return refuse(
        part,
        fmt::format("is of attest {}, {} of {}", run.env.version, first.path, other.env.version));
  }
  if (run.profile != other.profile || run.plan != other.plan) {
    return refuse(part,
                  fmt::format("has another plan than {}: other cases or kernels", first.path));
  }
  return Done{};
}

bool is_whole(const ShardJournal& part) {
  const RunRecord& run = part.content.run;
  return !run.interrupted && static_cast<std::int64_t>(run.cases.size()) == run.planned;
}

/// Shards that lack cases, or are not there at all: "2/4".
std::vector<std::string> missing(const std::map<std::int64_t, const ShardJournal*>& by_index,
                                 std::int64_t of) {
  std::vector<std::string> out;
  for (std::int64_t index = 1; index <= of; ++index) {
    const auto part = by_index.find(index);
    if (part == by_index.end() || !is_whole(*part->second))
      out.push_back(to_string(Shard{index, of}));
  }
  return out;
}

/// Cases that ran, in the order of the plan, and the failures that the whole run would have shrunk:
/// the first of its kind in the plan is the first in its shard, which has shrunk it therefore.
Status join_cases(const std::vector<ShardJournal>& shards, JournalContent& whole) {
  std::map<std::int64_t, const CaseResult*> cases;
  std::map<std::int64_t, const FailureRecord*> failures;
  for (const ShardJournal& part : shards) {
    const JournalContent& content = part.content;
    for (std::size_t i = 0; i < content.numbers.size(); ++i) {
      if (content.numbers[i] % shard_of(part).of != shard_of(part).index - 1) {
        return refuse(part, fmt::format("has case {}, which is not its own", content.numbers[i]));
      }
      cases.emplace(content.numbers[i], &content.run.cases[i]);
    }
    for (std::size_t i = 0; i < content.failure_numbers.size(); ++i)
      failures.emplace(content.failure_numbers[i], &content.run.failures[i]);
  }
  for (const auto& [number, result] : cases) {
    whole.numbers.push_back(number);
    whole.run.cases.push_back(*result);
  }
  for (const std::size_t n : distinct_failures(whole.run.cases)) {
    const auto shrunk = failures.find(whole.numbers[n]);
    if (shrunk == failures.end()) continue;  // its shard was cut off before
    whole.run.failures.push_back(*shrunk->second);
    whole.run.failures.back().seen = same_failures(whole.run.cases, n);
    whole.failure_numbers.push_back(whole.numbers[n]);
  }
  return Done{};
}

void join_environment(const std::vector<ShardJournal>& shards, Environment& env) {
  std::set<std::string> hosts;
  env.wall_seconds = 0;
  env.retried.clear();
  for (const ShardJournal& part : shards) {
    const Environment& other = part.content.run.env;
    hosts.insert(other.host);
    env.started = std::min(env.started, other.started);
    env.wall_seconds += other.wall_seconds;
    env.retried.insert(env.retried.end(), other.retried.begin(), other.retried.end());
  }
  env.host = fmt::format("{}", fmt::join(hosts, " "));
  env.shard = {};
}

}  // namespace

Result<JournalContent> join_shards(const std::vector<ShardJournal>& shards, bool allows_missing) {
  if (shards.empty()) return Error{Code::bad_input, "needs report folders of shards", "merge"};
  const ShardJournal& first = shards.front();
  std::map<std::int64_t, const ShardJournal*> by_index;
  for (const ShardJournal& part : shards) {
    ATTEST_TRY([[maybe_unused]] const Done is_same, check_same_run(part, first));
    const auto [other, is_new] = by_index.emplace(shard_of(part).index, &part);
    if (!is_new) return refuse(part, "is there twice, also in " + other->second->path);
  }
  JournalContent whole;
  whole.run.profile = first.content.run.profile;
  whole.run.seed = first.content.run.seed;
  whole.run.plan = first.content.run.plan;
  whole.run.discarded = first.content.run.discarded;
  whole.run.duplicates = first.content.run.duplicates;
  whole.run.env = first.content.run.env;
  whole.arguments = first.content.arguments;
  whole.run.env.missing = missing(by_index, shard_of(first).of);
  if (!whole.run.env.missing.empty() && !allows_missing) {
    return Error{Code::bad_input,
                 fmt::format("missing or cut off: shard {}; --allow-missing goes without",
                             fmt::join(whole.run.env.missing, ", ")),
                 "merge"};
  }
  ATTEST_TRY([[maybe_unused]] const Done is_joined, join_cases(shards, whole));
  join_environment(shards, whole.run.env);
  for (const ShardJournal& part : shards)
    whole.run.planned += part.content.run.planned;
  return whole;
}

}  // namespace attest
