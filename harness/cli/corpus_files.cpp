// Reads the corpus, and says or does what adds a failure to it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/corpus_files.h"

#include "harness/cli/input_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace attest {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string path_of(const std::string& folder) {
  return (fs::path(folder) / kFound).lexically_normal().string();
}

}  // namespace

Result<std::vector<CorpusLine>> read_corpus(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".ndjson") files.push_back(entry.path().string());
  }
  if (error) return Error{Code::io, error.message(), folder};
  std::sort(files.begin(), files.end());
  std::vector<CorpusLine> corpus;
  for (const std::string& file : files) {
    ATTEST_TRY(const std::string text, read_input(file, "a corpus", kMostBytes));
    ATTEST_TRY(const std::vector<CorpusLine> lines, parse_corpus(text, file));
    corpus.insert(corpus.end(), lines.begin(), lines.end());
  }
  return corpus;
}

std::string corpus_folder(const std::string& asked) {
  if (asked == "none") return "";
  if (!asked.empty()) return asked;
  std::error_code error;
  return fs::is_directory(kUsualCorpus, error) ? kUsualCorpus : "";
}

std::string corpus_anywhere() {
  const std::string folder = corpus_folder("");
  return folder.empty() ? "none" : fs::absolute(folder).string();
}

std::string new_lines(const RunRecord& run, const std::vector<CorpusLine>& corpus) {
  std::string out;
  for (const FailureRecord& failure : run.failures) {
    const bool is_there = std::any_of(corpus.begin(), corpus.end(), [&](const CorpusLine& line) {
      return line.which == failure.shrunk.which;
    });
    if (!is_there) out += to_string(CorpusLine{failure.shrunk.which, ""}) + "\n";
  }
  return out;
}

std::string corpus_patch(const std::string& folder, const std::string& lines) {
  constexpr std::size_t kContext = 3;
  const std::string path = path_of(folder);
  const auto before = read_input(path, "a corpus", kMostBytes);
  const std::vector<std::string> old = before ? lines_of(*before) : std::vector<std::string>();
  const std::vector<std::string> added = lines_of(lines);
  const std::size_t kept = std::min(kContext, old.size());
  std::string out = before ? fmt::format("--- a/{}\n", path) : "--- /dev/null\n";
  out += fmt::format("+++ b/{}\n@@ -{},{} +{},{} @@\n",
                     path,
                     old.empty() ? 0 : old.size() - kept + 1,
                     kept,
                     old.size() - kept + 1,
                     kept + added.size());
  for (std::size_t n = old.size() - kept; n < old.size(); ++n)
    out += " " + old[n] + "\n";
  for (const std::string& line : added)
    out += "+" + line + "\n";
  return out;
}

Status append_to_corpus(const std::string& folder, const std::string& lines) {
  const std::string path = path_of(folder);
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << lines;
  file.close();
  if (!file) return Error{Code::io, "cannot be written", path};
  return Done{};
}

Result<std::string> offer_to_corpus(const RunRecord& run,
                                    const std::vector<CorpusLine>& corpus,
                                    const std::string& folder,
                                    bool keeps) {
  const char* const ci = std::getenv("CI");
  const bool is_ci = ci != nullptr && *ci != '\0';
  const std::string lines = new_lines(run, corpus);
  if (lines.empty() || (!keeps && !is_ci)) return std::string();
  const std::string where = folder.empty() ? kUsualCorpus : folder;
  if (is_ci) {
    return "To keep these failures as regressions, git apply:\n" + corpus_patch(where, lines);
  }
  ATTEST_TRY([[maybe_unused]] const Done is_kept, append_to_corpus(where, lines));
  return fmt::format("added to {}:\n{}", path_of(where), lines);
}

}  // namespace attest
