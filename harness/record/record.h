// The run record: everything a report may say about a run, as plain data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/base/ptxas.h"
#include "harness/base/result.h"
#include "harness/base/verdict.h"
#include "harness/problem/case.h"
#include "harness/record/diagnosis.h"
#include "harness/record/divergence_record.h"
#include "harness/record/error_sums.h"
#include "harness/record/launch_summary.h"
#include "harness/record/layer_record.h"
#include "harness/record/oracle_record.h"
#include "harness/record/pair_record.h"
#include "harness/record/ulp_record.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// Reason of a case that was cut off: begun, and without a result.
inline constexpr std::string_view kInterrupted = "interrupted";
/// Reason of a case that compares a GPU with the interpreter where no GPU is.
inline constexpr std::string_view kNoSecondExecutor = "no second executor: no GPU can be used";

struct CaseResult {
  Case which;
  Verdict verdict = Verdict::not_run;
  std::string reason;  // for refused and not_run; of agree: a violation that was not confirmed
  double ratio_o = 0;  // error / bound
  double ratio_lse = 0;
  double ratio_likely = 0;  // error / what is likely, of O and LSE; 0 where that was not asked
  /// [batch, head, row, column] of the first element of O that has ratio_o; none while that is 0.
  std::optional<std::array<std::int64_t, 4>> worst_o;
  std::optional<DivergenceRecord> divergence;
  std::optional<UlpRecord> ulps;  // of attention that is compared with the reference
  std::vector<Finding> findings;
  std::vector<LaunchSummary> launches;
  std::optional<ErrorSums> errors;  // where O was held against the reference
  std::string known;                // of a case that the corpus says fails: why
};

struct FailureRecord {
  Case found;              // as drawn
  CaseResult shrunk;       // the smallest case with the same signature, as judged
  std::int64_t steps = 0;  // evaluations spent shrinking
  std::int64_t seen = 1;   // cases of this run with the same kernel, property and signature
  std::optional<Diagnosis> diagnosis{};
};

/// The part of a run's cases that one process judges: every `of`-th, from number `index` - 1 on.
struct Shard {
  std::int64_t index = 1;  // from 1
  std::int64_t of = 1;
  friend bool operator==(const Shard&, const Shard&) = default;
};

/// Everything that may differ between two runs with one seed.
struct Environment {
  std::string host;
  std::string version;
  std::string compiler;
  std::string nvcc;
  std::string command;
  std::string started;  // ISO 8601, UTC
  double wall_seconds = 0;
  int jobs = 1;
  Shard shard;                       // of the run; 1/1 is all of it
  std::vector<std::string> missing;  // shards that a merge went without: "2/4"
  std::vector<std::string> retried;  // ids of cases that were begun twice: their worker had died
  std::vector<PtxasFigures> ptxas;   // of the kernels' entries; empty where the build had no ptxas
};

struct RunRecord {
  std::string profile;
  std::uint64_t seed = 0;
  std::string
      plan;  // what was to be judged, as a hash: of equal plans, cases and kernels are equal
  std::vector<CaseResult> cases;        // in draw order, whatever -j
  std::vector<FailureRecord> failures;  // in draw order
  std::vector<LayerRecord> layers;      // counted through their pipelines
  std::vector<OracleRecord> oracles;    // beside eigen, by name; empty: none was asked
  std::vector<PairRecord> pairs;        // of axis values in judged cases, by kernel and dtype
  std::int64_t discarded = 0;
  std::int64_t duplicates = 0;
  std::int64_t planned = 0;  // cases that the run set out to judge
  bool interrupted = false;  // by a signal: `cases` stops short of `planned`
  Environment env;
};

inline constexpr std::int64_t kMaxShards = 100'000;
[[nodiscard]] std::string to_string(const Shard& shard);  // "2/4"
/// Inverse of to_string. Errors  Code::bad_input naming the text and what is allowed.
Result<Shard> parse_shard(std::string_view text);

/// Number of cases with this verdict.
[[nodiscard]] std::int64_t count(const RunRecord& run, Verdict verdict);
/// Judged: agree, disagree and fault. What a run counts as a case.
[[nodiscard]] std::int64_t judged(const RunRecord& run);
[[nodiscard]] constexpr bool is_judged(Verdict verdict) {
  return verdict == Verdict::agree || verdict == Verdict::disagree || verdict == Verdict::fault;
}

}  // namespace attest
