// The child of the tests: does what its first message asks for.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/serve.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace {

using attest::Message;

[[noreturn]] void hang() {
  for (;;)
    pause();
}

/// Writes to the socket, which serve() has moved to descriptor 3.
void write_raw(const std::string& bytes) {
  if (write(3, bytes.data(), bytes.size()) < 0) std::exit(9);
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
  if (ask == "environment") return {std::getenv("ATTEST_TEST_VARIABLE"), {}};
  if (ask == "address space") return {address_space(), {}};
  return message;
}

}  // namespace

int main() {
  return attest::serve(answer);
}
