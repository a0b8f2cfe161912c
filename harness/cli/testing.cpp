// Fakes and folders for the tests of commands.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"

#include "harness/executor/ptx_executor.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace attest {
namespace {

class FakeExecutor final : public Executor {
 public:
  explicit FakeExecutor(FakeAnswer answer) : answer_(answer) {}

  Result<Execution> run(const Job& job) override {
    if (answer_ == FakeAnswer::error)
      return Error{Code::unsupported, "no such instruction", "a.ptx:7"};
    if (answer_ == FakeAnswer::internal) throw InternalError("broken on purpose");
    Execution execution;
    for (const BufferSpec& buffer : job.buffers) {
      const bool is_output = buffer.role == BufferRole::output;
      execution.buffers.emplace_back(is_output ? static_cast<std::size_t>(buffer.size_bytes) : 0,
                                     std::byte{0xff});
    }
    if (answer_ == FakeAnswer::finding && !job.launches.empty()) {
      Finding finding;
      finding.kernel = job.launches.front().entry;
      finding.party.site = {"fake.cu", 12, 34};
      execution.findings.push_back(finding);
    }
    return execution;
  }

 private:
  FakeAnswer answer_;
};

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = testing::TempDir() + "attest_XXXXXX";
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::unique_ptr<Executor> make_fake_executor(FakeAnswer answer) {
  return std::make_unique<FakeExecutor>(answer);
}

Output run(const std::vector<std::string>& arguments,
           std::function<std::unique_ptr<Executor>()> make_executor) {
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out,
                  .err = err,
                  .command = "attest",
                  .make_executor = make_executor ? std::move(make_executor) : make_ptx_executor};
  const Exit exit = run_program(arguments, context);
  return {exit, out.str(), err.str()};
}

Output run_with_worker(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& worker) {
  std::ostringstream out;
  std::ostringstream err;
  Context context{.out = out,
                  .err = err,
                  .command = "attest",
                  .make_executor = make_ptx_executor,
                  .worker_command = worker};
  const Exit exit = run_program(arguments, context);
  return {exit, out.str(), err.str()};
}

std::int64_t count_lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

/// Runs build/attest with stdout and stderr in files of `folder`.
pid_t start_binary(const std::vector<std::string>& arguments,
                   const TemporaryFolder& folder,
                   void (*before)(std::int64_t),
                   std::int64_t argument) {
  std::vector<char*> argv;
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), ATTEST_PROGRAM);
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);  // or the child writes what is in the buffers once more
  const pid_t child = fork();
  if (child == 0) {
    const bool is_ready = freopen((folder / "out").c_str(), "w", stdout) != nullptr &&
                          freopen((folder / "err").c_str(), "w", stderr) != nullptr &&
                          chdir(folder.path().c_str()) == 0;
    if (before != nullptr) before(argument);
    if (is_ready) execv(argv[0], argv.data());
    _exit(99);
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int run_binary(const std::vector<std::string>& arguments, const TemporaryFolder& folder) {
  return wait_for(start_binary(arguments, folder));
}

std::string run_without_env(const std::string& folder) {
  auto record = parse_run_json(read_file(folder + "/run.json"), folder);
  EXPECT_TRUE(record) << record.error().to_string();
  if (!record) return "";
  record->env = {};
  return to_run_json(*record);
}

}  // namespace attest
