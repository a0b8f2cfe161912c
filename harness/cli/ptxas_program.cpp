// A child process in a group of its own, read through one pipe until it ends or its time is over.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/ptxas_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::size_t kMaxOutputBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxLine = 200;

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// Of a folder on PATH; empty when none has it.
fs::path on_path(const char* name) {
  const char* value = std::getenv("PATH");
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    const fs::path path = fs::path(rest.substr(0, end)) / name;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (path.is_absolute() && is_program(path)) return path;
  }
  return {};
}

/// A started program that is gone, with all that it started, when this is.
class Child {
 public:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}
  ~Child() {
    ::close(output_);
    if (pid_ > 0) end();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// All that it writes. False when that is too much or takes too long.
  [[nodiscard]] bool read_until(Clock::time_point deadline, std::string* text) const {
    std::array<char, 4096> bytes;
    while (text->size() < kMaxOutputBytes) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return false;
      pollfd wanted{output_, POLLIN, 0};
      const int ready = ::poll(&wanted, 1, static_cast<int>(left));
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      const ssize_t count = ready < 0 ? -1 : ::read(output_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return true;
      text->append(bytes.data(), static_cast<std::size_t>(count));
    }
    return false;
  }

  /// Waits for the end of what closed its output; empty when that takes too long.
  [[nodiscard]] std::optional<int> wait_until(Clock::time_point deadline) {
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (Clock::now() >= deadline) return std::nullopt;
      ::usleep(1000);
    }
    pid_ = 0;
    return status;
  }

 private:
  void end() const {
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }

  pid_t pid_;
  int output_;
};

/// The process and the end of the pipe that has its stdout and stderr; an errno instead of them.
int spawn(const std::vector<std::string>& arguments, pid_t* pid, int* output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int error = ::posix_spawn(pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) ::close(ends[0]);
  *output = ends[0];
  return error;
}

/// The first line that says what is wrong, or the first at all.
std::string first_line(std::string_view text) {
  const std::size_t wrong = text.find("fatal");
  if (wrong != std::string_view::npos) text.remove_prefix(text.rfind('\n', wrong) + 1);
  std::string line(text.substr(0, std::min(text.find('\n'), kMaxLine)));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return line.empty() ? "it says nothing" : line;
}

std::string end_text(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit {}", WEXITSTATUS(status));
}

}  // namespace

std::optional<std::string> find_ptxas() {
  if (const char* named = std::getenv("ATTEST_PTXAS"))
    return is_program(named) ? std::optional<std::string>(named) : std::nullopt;
  if (const fs::path path = on_path("ptxas"); !path.empty()) return path.string();
  if (const fs::path nvcc = on_path("nvcc"); !nvcc.empty()) {
    std::error_code error;
    const fs::path beside = fs::canonical(nvcc, error).parent_path() / "ptxas";
    if (!error && is_program(beside)) return beside.string();
  }
  return std::nullopt;
}

Result<std::vector<PtxasFigures>> run_ptxas(const PtxasCall& call) {
  const Clock::time_point deadline = Clock::now() + call.timeout;
  pid_t pid = 0;
  int output = -1;
  const std::string file = call.file.starts_with('-') ? "./" + call.file : call.file;
  if (const int error =
          spawn({call.program, "-v", "-arch=" + call.arch, file, "-o", "/dev/null"}, &pid, &output);
      error != 0)
    return Error{Code::io, std::string("does not start: ") + std::strerror(error), call.program};
  Child child(pid, output);
  std::string text;
  const bool is_read = child.read_until(deadline, &text);
  if (text.size() >= kMaxOutputBytes)
    return Error{Code::io, fmt::format("writes more than {} bytes", kMaxOutputBytes), call.program};
  const std::optional<int> status = is_read ? child.wait_until(deadline) : std::nullopt;
  if (!status)
    return Error{
        Code::io, fmt::format("does not end within {} ms", call.timeout.count()), call.program};
  if (*status != 0)
    return Error{Code::io, end_text(*status) + ": " + first_line(text), call.program};
  return parse_ptxas(text);
}

}  // namespace attest
