// Finds the file of a run, and reads it as what it is.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/run_input.h"

#include "harness/cli/input_file.h"
#include "harness/record/journal.h"
#include "harness/record/run_json.h"

#include <filesystem>
#include <string_view>
#include <system_error>

namespace attest {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;

Result<std::string> file_of(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  for (const char* name : {"events.ndjson", "run.json"}) {
    const fs::path file = fs::path(path) / name;
    if (fs::exists(file, ignored)) return file.string();
  }
  return Error{Code::bad_input, "holds no events.ndjson and no run.json", path};
}

/// A journal's lines are events; run.json is one object over many lines.
bool is_journal(std::string_view text) {
  return text.substr(0, 5) == "{\"t\":";
}

}  // namespace

Result<RunRecord> read_run(const std::string& path) {
  ATTEST_TRY(const std::string file, file_of(path));
  ATTEST_TRY(const std::string text, read_input(file, "a run", kMaxBytes));
  if (text.empty()) return Error{Code::bad_input, "is empty", file};
  if (!is_journal(text)) return parse_run_json(text, file);
  ATTEST_TRY(JournalContent content, parse_journal(text, file));
  return std::move(content.run);
}

}  // namespace attest
