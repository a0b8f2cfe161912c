// Makes the new report folder beside the old one, then swaps the two.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"

#include "reports/format/format.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace attest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kJournal = "events.ndjson";

Error io_error(const fs::path& path, const std::string& what) {
  return Error{Code::io, what, path.string()};
}

bool is_report(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / kJournal, ignored);
}

/// Nothing is there, or something that may be replaced.
Status check_replaceable(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (!fs::exists(status)) {
    if (error && error != std::errc::no_such_file_or_directory) {
      return io_error(folder, "cannot be used: " + error.message());
    }
    return Done{};
  }
  if (!fs::is_directory(status)) return io_error(folder, "is not a folder");
  if (is_report(folder)) return Done{};
  const bool is_empty = fs::is_empty(folder, error);
  if (error) return io_error(folder, "cannot be read: " + error.message());
  if (is_empty) return Done{};
  return Error{
      Code::bad_input, "holds something else than a report; name another folder", folder.string()};
}

/// A folder beside `target`, with an empty journal in it, which proves that it can be written.
Result<fs::path> make_fresh(const fs::path& target) {
  std::error_code error;
  fs::path fresh = target;
  fresh += ".new-" + std::to_string(getpid());
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  if (!error) fs::create_directory(fresh, error);
  if (error) return io_error(target, "cannot be made: " + error.message());
  if (auto written = write_file((fresh / kJournal).string(), ""); !written) return written.error();
  return fresh;
}

/// Writes beside `path`, then puts it in its place.
Status replace_file(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::error_code error;
  Status written = write_file(part, text);
  if (written) fs::rename(part, path, error);
  if (error) written = io_error(path, "cannot be written: " + error.message());
  if (!written) fs::remove(part, error);
  return written;
}

}  // namespace

Result<ReportFolder> ReportFolder::create(const std::string& path) {
  fs::path target = fs::path(path).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "report/"
  if (target.empty() || target == "." || target == "..") {
    return Error{Code::bad_input, "is not the name of a folder to make", path};
  }
  fs::path old = target;
  old += ".old";
  ATTEST_TRY([[maybe_unused]] const Done target_is_free, check_replaceable(target));
  ATTEST_TRY([[maybe_unused]] const Done old_is_free, check_replaceable(old));
  ATTEST_TRY(const fs::path fresh, make_fresh(target));

  std::error_code error;
  if (is_report(target)) {
    fs::remove_all(old, error);
    if (!error) fs::rename(target, old, error);
  }
  if (!error) fs::rename(fresh, target, error);
  if (error) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    return io_error(target, "cannot be replaced: " + error.message());
  }
  return ReportFolder(target.string());
}

Result<ReportFolder> ReportFolder::open(const std::string& path) {
  if (!is_report(path)) return Error{Code::bad_input, "is not a report folder", path};
  return ReportFolder(path);
}

std::string ReportFolder::journal() const {
  return journal_of(path_);
}

Status ReportFolder::write_views(const RunRecord& run) const {
  Status all = Done{};
  for (const Format& format : all_formats()) {
    if (format.file.empty()) continue;
    const std::string file = (fs::path(path_) / format.file).string();
    const Status written = replace_file(file, format.render(run, {}));
    if (all) all = written;
  }
  return all;
}

std::string journal_of(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / kJournal).string() : path;
}

Status write_file(const std::string& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return io_error(path, std::string("cannot be written: ") + std::strerror(errno));
  return Done{};
}

Status check_writable(const std::string& path) {
  errno = 0;
  const std::ofstream file(path, std::ios::binary | std::ios::app);
  if (!file) return io_error(path, std::string("cannot be written: ") + std::strerror(errno));
  return Done{};
}

}  // namespace attest
