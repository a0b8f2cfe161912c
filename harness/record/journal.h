// The journal: events.ndjson, one event a line, flushed, from which every view is rebuilt.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/record/record.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace attest {

/// Appends events to a file; each call returns when the line has left the process.
/// One thread at a time. Cases are numbered in draw order; their events may come in any order.
/// Errors  Code::io with the path. What was begun of a line is taken back, so that the file ends with
///         a whole one; after that each call gives the same error and writes nothing.
class JournalWriter {
 public:
  /// Creates or empties `path`.
  static Result<JournalWriter> create(const std::string& path);

  /// Goes on after the first `bytes` of `path`; what follows them is cut off.
  static Result<JournalWriter> append_to(const std::string& path, std::int64_t bytes);

  /// First event: profile, seed, plan, discarded, duplicates, planned and env of `run`; and the
  /// arguments of the command, with which it can be begun again.
  Status begin(const RunRecord& run, const std::vector<std::string>& arguments = {});
  /// The run goes on after it was cut off; failures are told again.
  Status resume(const RunRecord& run);
  /// Before and after case `number`.
  Status start(std::int64_t number, const Case& which);
  Status result(std::int64_t number, const CaseResult& result);
  /// Of case `number`, in the order of the report.
  Status failure(std::int64_t number, const FailureRecord& failure);
  /// A layer counted through its pipelines.
  Status layer(const LayerRecord& layer);
  /// What an oracle beside eigen said.
  Status oracle(const OracleRecord& oracle);
  /// Pairs of axis values of a kernel, when all cases are judged.
  Status pairs(const PairRecord& pairs);
  /// Last event: `interrupted` and env of `run`.
  Status end(const RunRecord& run);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  JournalWriter(std::string path, std::FILE* file, std::int64_t bytes);
  Status append(std::string line);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::int64_t bytes_;      // of whole lines
  Status status_ = Done{};  // the first error
};

/// The run that a journal tells of, cases in draw order. A case without a result is `not_run` with
/// the reason "interrupted"; a run without an end is interrupted.
struct JournalContent {
  RunRecord run;
  std::vector<std::int64_t> numbers;          // of run.cases
  std::vector<std::int64_t> failure_numbers;  // of the cases of run.failures
  std::vector<std::string> arguments;         // of the command that began it
  std::int64_t bytes = 0;                     // of whole lines; a last one that was cut off is none
  bool has_ended = false;
};
/// Errors  Code::io if `path` cannot be read, Code::limit if it is longer than kMaxJournalBytes,
///         Code::bad_input with path and line otherwise, Code::unsupported for a newer schema.
inline constexpr std::int64_t kMaxJournalBytes = std::int64_t{1} << 32;
Result<JournalContent> read_journal(const std::string& path);
Result<JournalContent> parse_journal(std::string_view text, const std::string& path);

}  // namespace attest
