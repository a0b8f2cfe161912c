// Worker: a child process that answers messages, and may die or hang without harm.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/process/message.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace attest {

struct WorkerOptions {
  std::vector<std::string> command;  // the program's path, then its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // beside this process's own
  std::int64_t address_space_bytes = 0;                          // 0: no limit
  std::int64_t max_answer_bytes = kMaxMessageBytes;
};

/// How a worker stands.
enum class Fate : std::uint8_t {
  running,
  died,       // by itself: a signal or an exit code
  timed_out,  // was ended, since its answer did not come in time
  broken,     // was ended, since it answered what is no message, or too much
  finished,   // by itself, when it was asked to
};
/// "running", ...
[[nodiscard]] std::string_view name(Fate fate);

/// The child serves messages on its descriptor 0 (serve.h); its stdout and stderr are kept, the end
/// of them, for the report of its death. It leads a process group of its own, which is ended with it.
/// It may die with the thread that started it (PR_SET_PDEATHSIG), so that thread must outlive it.
class Worker {
 public:
  /// Errors  Code::io when the program cannot be started.
  static Result<Worker> start(const WorkerOptions& options);

  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&& other) noexcept;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();  // ends the child and reaps it

  /// Sends `message` and waits for the answer, `milliseconds` in all.
  /// Errors  Code::io when it died, Code::limit when it timed out, Code::bad_input when it is broken:
  ///         "attest-cuda died of SIGSEGV; its last words: ...". After that it is gone and reaped, fate()
  ///         says which, and each further question gives the same error.
  Result<Message> ask(const Message& message, std::int64_t milliseconds);

  /// Ends the conversation and waits `milliseconds` for the child to end by itself, with what it does
  /// then: a sanitizer looks for leaks. Without this the child is killed.
  /// Errors  as ask(): Code::io for any end but exit code 0, Code::limit when it had to be ended.
  Status finish(std::int64_t milliseconds);

  [[nodiscard]] Fate fate() const { return fate_; }
  [[nodiscard]] bool is_running() const { return fate_ == Fate::running; }
  [[nodiscard]] pid_t process() const { return child_; }  // 0 once it is gone

 private:
  Worker() = default;

  Result<Message> exchange(const Message& message, std::int64_t milliseconds);
  /// Ends what is left of the child and keeps `why` as the error of this and further questions.
  Error end(Fate fate, Code code, const std::string& why);
  Error end_of_stream(bool is_inside_frame);
  int reap(std::chrono::milliseconds patience);
  void drain_words();
  [[nodiscard]] std::string last_words() const;
  void close_all() noexcept;

  std::string name_;  // of the program, for errors
  std::int64_t max_answer_bytes_ = kMaxMessageBytes;
  pid_t child_ = 0;
  int socket_ = -1;
  int words_ = -1;          // the child's stdout and stderr
  std::string words_tail_;  // the end of them
  Fate fate_ = Fate::running;
  Error error_;
};

}  // namespace attest
