// The loop of a helper program: one message, one answer.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/serve.h"

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace attest {
namespace {

constexpr int kBroken = 70;

/// Moves the socket from 0, which the program's own libraries may use, and stdout to stderr.
int claim_socket() {
  const int socket = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) {
    dup2(nothing, STDIN_FILENO);
    close(nothing);
  }
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return socket;
}

int complain(const std::string& line) {
  const std::string text = line + "\n";
  return write(STDERR_FILENO, text.data(), text.size()) < 0 ? kBroken + 1 : kBroken;
}

int answer_all(int socket,
               const std::function<Message(const Message&)>& handler,
               std::int64_t max_bytes) {
  for (;;) {
    auto message = receive_message(socket, max_bytes);
    if (!message) return complain(message.error().to_string());
    if (!message->has_value()) return 0;
    // A worker whose answer nobody waits for any more ends quietly.
    if (!send_message(socket, handler(**message))) return 0;
  }
}

}  // namespace

int serve(const std::function<Message(const Message&)>& handler, std::int64_t max_bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int socket = claim_socket();
  if (socket < 0) return complain("descriptor 0 is not open: this program is started by attest");
  try {
    return answer_all(socket, handler, max_bytes);
  } catch (const std::exception& error) {
    return complain(std::string("internal error: ") + error.what());
  }
}

}  // namespace attest
