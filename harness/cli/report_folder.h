// The report folder: made before a run, an older one moved aside, views written after it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"
#include "harness/record/record.h"

#include <string>

namespace attest {

/// A folder that can be written, and has nothing of an older run in it.
class ReportFolder {
 public:
  /// Makes `path`. An older report there becomes `path`.old, in place of the one before; nothing is
  /// moved or removed unless the new folder can be made, and never a folder that is no report.
  /// Errors  Code::io, Code::bad_input for a folder that holds something else.
  static Result<ReportFolder> create(const std::string& path);

  /// A report that is there, to go on with. Errors  Code::bad_input where none is.
  static Result<ReportFolder> open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// path()/events.ndjson: what makes a folder a report.
  [[nodiscard]] std::string journal() const;
  /// Every format that has a file; each is the old one or the new one, never a part.
  /// Errors  Code::io, of the first that could not be written; the others are.
  [[nodiscard]] Status write_views(const RunRecord& run) const;

 private:
  explicit ReportFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The journal of a report folder, or of a path that is a journal itself.
[[nodiscard]] std::string journal_of(const std::string& path);

/// Errors  Code::io with the path.
Status write_file(const std::string& path, const std::string& text);
/// Whether write_file() could work; an existing file stays as it is.
/// Errors  Code::io with the path.
Status check_writable(const std::string& path);

}  // namespace attest
