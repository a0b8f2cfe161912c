// The child of the tests: does what its first message asks for.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/serve.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using attest::Message;

[[noreturn]] void hang() {
  for (;;)
    pause();
}

/// The descriptor to which serve() has moved the socket: what this program inherited has lived
/// through its exec, so it is not marked to be closed by one.
int serving_socket() {
  constexpr int kMost = 256;
  for (int at = STDERR_FILENO + 1; at < kMost; ++at) {
    struct stat status {};
    const int flags = fcntl(at, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) != 0 && fstat(at, &status) == 0 &&
        S_ISSOCK(status.st_mode))
      return at;
  }
  std::exit(8);
}

void write_raw(const std::string& bytes) {
  if (write(serving_socket(), bytes.data(), bytes.size()) < 0) std::exit(9);
}

std::string claim_of_blob(std::uint64_t bytes) {
  std::string frame = "ATM1";
  frame += std::string("\1\0\0\0", 4) + std::string(8, '\0');
  for (int n = 0; n < 8; ++n)
    frame += static_cast<char>((bytes >> (8 * n)) & 0xffU);
  return frame;
}

std::string address_space() {
  rlimit limit{};
  getrlimit(RLIMIT_AS, &limit);
  return std::to_string(limit.rlim_cur);
}

Message answer(const Message& message) {
  const std::string& ask = message.text;
  if (ask == "segv") std::raise(SIGSEGV);
  if (ask == "exit 3") std::exit(3);
  if (ask == "hang") hang();
  if (ask == "throw") throw std::runtime_error("thrown on purpose");
  if (ask == "half") {
    write_raw(claim_of_blob(100) + "abc");
    std::exit(0);
  }
  if (ask == "noise") write_raw("this is no frame");
  if (ask == "huge") {
    write_raw(claim_of_blob(std::uint64_t{1} << 60U));
    hang();
  }
  if (ask == "flood") {
    for (int n = 0; n < 100'000; ++n)
      std::fprintf(stderr, "line %d of a flood\n", n);
    std::raise(SIGABRT);
  }
  if (ask == "hang at the end") std::atexit([] { hang(); });
  if (ask == "exit 66 at the end") {
    std::atexit([] {
      std::fprintf(stderr, "left something\n");
      std::_Exit(66);
    });
  }
  if (ask == "talk") std::printf("printed on stdout\n");
  if (ask == "grandchild") {
    const pid_t child = fork();
    if (child == 0) hang();
    return {std::to_string(child), {}};
  }
  if (ask == "close stderr") {
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
  }
  if (ask == "environment") {
    const char* const value = std::getenv("ATTEST_TEST_VARIABLE");
    return {value != nullptr ? value : "", {}};
  }
  if (ask == "address space") return {address_space(), {}};
  return message;
}

}  // namespace

int main() {
  return attest::serve(answer);
}
