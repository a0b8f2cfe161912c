// What the tests of commands share: a folder, an executor that answers wrong, a command's output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/cli/command.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace attest {

/// A fresh folder that is gone with its contents when this is.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// The file's text; empty, with a test failure, when it cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);

/// What a FakeExecutor does with every job.
enum class FakeAnswer : std::uint8_t {
  poison,    // outputs stay as they began
  finding,   // an out_of_bounds finding
  error,     // Code::unsupported
  internal,  // throws InternalError
};
[[nodiscard]] std::unique_ptr<Executor> make_fake_executor(FakeAnswer answer);

struct Output {
  Exit exit = Exit::held;
  std::string out;
  std::string err;
};
/// The whole program in this process; the ptx executor for no `make_executor`.
[[nodiscard]] Output run(const std::vector<std::string>& arguments,
                         std::function<std::unique_ptr<Executor>()> make_executor = nullptr);

/// The same with the ptx executor in workers: `worker` is their program and its arguments.
[[nodiscard]] Output run_with_worker(const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& worker);

/// The binary itself in `folder`, its stdout and stderr in the files out and err there. `before`
/// runs in the child, for its limits.
[[nodiscard]] pid_t start_binary(const std::vector<std::string>& arguments,
                                 const TemporaryFolder& folder,
                                 void (*before)(std::int64_t) = nullptr,
                                 std::int64_t argument = 0);
/// Exit code, or 1000 + the signal that ended it.
int wait_for(pid_t child);
int run_binary(const std::vector<std::string>& arguments, const TemporaryFolder& folder);

/// The run of a report folder's run.json, as text without `env`; a test failure where it is none.
[[nodiscard]] std::string run_without_env(const std::string& folder);

/// Lines of `text`.
[[nodiscard]] std::int64_t count_lines(const std::string& text);

}  // namespace attest
