// posix_spawn(3) with every descriptor close-on-exec, so that threads may do it at once.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/spawn.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace attest {
namespace {

/// Two descriptors that are closed unless they are taken.
struct Ends {
  std::array<int, 2> of = {-1, -1};

  Ends() = default;
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    for (const int descriptor : of) {
      if (descriptor >= 0) close(descriptor);
    }
  }
  [[nodiscard]] int take(std::size_t n) { return std::exchange(of[n], -1); }
};

/// "NAME=value" of this process's environment and `extra`, which wins.
std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> lines;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string text = *line;
    bool is_replaced = false;
    for (const auto& [name, value] : extra)
      is_replaced = is_replaced || text.starts_with(name + "=");
    if (!is_replaced) lines.push_back(text);
  }
  for (const auto& [name, value] : extra)
    lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// Attributes and actions of one spawn.
class SpawnPlan {
 public:
  SpawnPlan(int socket, int words) {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&actions_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_adddup2(&actions_, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, words, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, words, STDERR_FILENO);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  int run(pid_t* child, char* const* arguments, char* const* environment) const {
    return posix_spawn(child, arguments[0], &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

void set_not_blocking(int descriptor) {
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

}  // namespace

Result<Child> spawn(const std::vector<std::string>& command,
                    const std::vector<std::pair<std::string, std::string>>& environment,
                    std::int64_t address_space_bytes) {
  const auto failed = [&command](const char* call, int number) {
    return Error{Code::io, fmt::format("{}: {}", call, std::strerror(number)), command.front()};
  };
  Ends socket;
  Ends words;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket.of.data()) != 0) {
    return failed("socketpair", errno);
  }
  if (pipe2(words.of.data(), O_CLOEXEC) != 0) return failed("pipe", errno);
  std::vector<std::string> arguments = command;
  std::vector<std::string> lines = environment_with(environment);
  Child child;
  const int error = SpawnPlan(socket.of[1], words.of[1])
                        .run(&child.process, pointers(arguments).data(), pointers(lines).data());
  if (error != 0) return failed("cannot be started", error);
  if (address_space_bytes > 0) {
    const auto bytes = static_cast<rlim_t>(address_space_bytes);
    const rlimit limit{bytes, bytes};
    prlimit(child.process, RLIMIT_AS, &limit, nullptr);
  }
  child.socket = socket.take(0);
  child.words = words.take(0);
  set_not_blocking(child.socket);
  set_not_blocking(child.words);
  return child;
}

}  // namespace attest
