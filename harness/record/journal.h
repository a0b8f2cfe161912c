// The journal: events.ndjson, one event a line, flushed, from which every view is rebuilt.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/record/record.h"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace attest {

/// Appends events to a file; each call returns when the line has left the process.
/// One thread at a time. Cases are numbered in draw order; their events may come in any order.
/// Errors  Code::io with the path.
class JournalWriter {
 public:
  /// Creates or empties `path`.
  static Result<JournalWriter> create(const std::string& path);

  /// First event: profile, seed, discarded, duplicates, planned and env of `run`.
  Status begin(const RunRecord& run);
  /// Before and after case `number`.
  Status start(std::int64_t number, const Case& which);
  Status result(std::int64_t number, const CaseResult& result);
  /// In the order of the report.
  Status failure(const FailureRecord& failure);
  /// A layer counted through its pipelines.
  Status layer(const LayerRecord& layer);
  /// Last event: `interrupted` and env of `run`.
  Status end(const RunRecord& run);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  JournalWriter(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  Status append(std::string line);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// The run that a journal tells of, cases in draw order. A case without a result is `not_run` with
/// the reason "interrupted"; a run without an end is interrupted. A last line that was cut off is
/// left out.
/// Errors  Code::io if `path` cannot be read, Code::bad_input with path and line otherwise,
///         Code::unsupported for a newer schema.
Result<RunRecord> read_journal(const std::string& path);
Result<RunRecord> parse_journal(std::string_view text, const std::string& path);

}  // namespace attest
