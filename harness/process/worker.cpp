// Starts a child, talks to it within a deadline, and always reaps it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/worker.h"

#include "harness/base/check.h"
#include "harness/process/spawn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace attest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTailBytes = 4096;  // of the child's words that are kept
constexpr std::size_t kLastLines = 5;     // of them that an error shows
constexpr int kDrainReads = 256;          // per call: a child that floods is not followed
constexpr auto kDeathPatience = std::chrono::seconds(2);  // from the end of its stream to its end

/// "SIGSEGV"; "signal 35" for those without a name.
std::string signal_name(int number) {
  const char* abbreviation = sigabbrev_np(number);
  return abbreviation != nullptr ? std::string("SIG") + abbreviation
                                 : fmt::format("signal {}", number);
}

std::string death(int status) {
  return WIFSIGNALED(status) ? "died of " + signal_name(WTERMSIG(status))
                             : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

/// The parts of a message as one stream, given out without copying.
class Outgoing {
 public:
  explicit Outgoing(const Message& message) : header_(frame_header(message)) {
    parts_.emplace_back(header_);
    parts_.push_back(std::as_bytes(std::span(message.text)));
    for (const auto& blob : message.blobs)
      parts_.emplace_back(blob);
    skip_empty();
  }
  [[nodiscard]] bool is_done() const { return part_ == parts_.size(); }
  /// False when the other side is gone.
  bool send_some(int socket) {
    const auto part = parts_[part_];
    const ssize_t sent = send(socket, part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    parts_[part_] = part.subspan(static_cast<std::size_t>(sent));
    skip_empty();
    return true;
  }

 private:
  void skip_empty() {
    while (!is_done() && parts_[part_].empty())
      ++part_;
  }
  std::vector<std::byte> header_;
  std::vector<std::span<const std::byte>> parts_;
  std::size_t part_ = 0;
};

}  // namespace

std::string_view name(Fate fate) {
  switch (fate) {
    case Fate::running:
      return "running";
    case Fate::died:
      return "died";
    case Fate::timed_out:
      return "timed_out";
    case Fate::broken:
      return "broken";
    case Fate::finished:
      return "finished";
  }
  fail_check("the fate has a name", __FILE__, __LINE__);
}

Result<Worker> Worker::start(const WorkerOptions& options) {
  ATTEST_CHECK(!options.command.empty());
  ATTEST_TRY(const Child child,
             spawn(options.command, options.environment, options.address_space_bytes));
  Worker worker;
  const std::string& path = options.command.front();
  worker.name_ = path.substr(path.rfind('/') + 1);
  worker.max_answer_bytes_ = options.max_answer_bytes;
  worker.child_ = child.process;
  worker.socket_ = child.socket;
  worker.words_ = child.words;
  return worker;
}

Worker::Worker(Worker&& other) noexcept {
  *this = std::move(other);
}

Worker& Worker::operator=(Worker&& other) noexcept {
  if (this == &other) return *this;
  close_all();
  name_ = std::move(other.name_);
  max_answer_bytes_ = other.max_answer_bytes_;
  child_ = std::exchange(other.child_, 0);
  socket_ = std::exchange(other.socket_, -1);
  words_ = std::exchange(other.words_, -1);
  words_tail_ = std::move(other.words_tail_);
  fate_ = other.fate_;
  error_ = std::move(other.error_);
  return *this;
}

Worker::~Worker() {
  close_all();
}

void Worker::close_all() noexcept {
  if (child_ > 0) reap({});
  for (int* descriptor : {&socket_, &words_}) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
  }
}

/// The status of waitpid(2); the child has `patience` to end by itself.
int Worker::reap(std::chrono::milliseconds patience) {
  const pid_t child = std::exchange(child_, 0);
  int status = 0;
  pid_t got = 0;
  const auto deadline = Clock::now() + patience;
  while (Clock::now() < deadline && (got = waitpid(child, &status, WNOHANG)) == 0) {
    drain_words();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  kill(-child, SIGKILL);  // the whole group: what the child started ends with it
  while (got == 0) {
    got = waitpid(child, &status, 0);
    if (got < 0 && errno == EINTR) got = 0;
  }
  return status;
}

void Worker::drain_words() {
  std::array<char, 4096> piece{};
  for (int n = 0; n < kDrainReads; ++n) {
    const ssize_t got = read(words_, piece.data(), piece.size());
    if (got <= 0) return;
    words_tail_.append(piece.data(), static_cast<std::size_t>(got));
    if (words_tail_.size() > kTailBytes) words_tail_.erase(0, words_tail_.size() - kTailBytes);
  }
}

std::string Worker::last_words() const {
  std::string text = words_tail_;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::size_t begin = text.size();
  for (std::size_t line = 0; line < kLastLines && begin != 0 && begin != std::string::npos;
       ++line) {
    begin = text.rfind('\n', begin - 1);
  }
  if (begin != std::string::npos && begin < text.size()) text.erase(0, begin + 1);
  for (char& c : text) {
    if (c == '\n') {
      c = '|';
    } else if (static_cast<unsigned char>(c) < ' ') {
      c = '?';
    }
  }
  return text;
}

Error Worker::end(Fate fate, Code code, const std::string& why) {
  if (child_ > 0) reap({});
  drain_words();
  const std::string words = last_words();
  fate_ = fate;
  error_ = {code, words.empty() ? why : why + "; its last words: " + words, name_};
  close_all();
  return error_;
}

Error Worker::end_of_stream(bool is_inside_frame) {
  const int status = reap(kDeathPatience);
  return end(Fate::died, Code::io, death(status) + (is_inside_frame ? " inside an answer" : ""));
}

Result<Message> Worker::ask(const Message& message, std::int64_t milliseconds) {
  if (!is_running()) return error_;
  return exchange(message, milliseconds);
}

Status Worker::finish(std::int64_t milliseconds) {
  if (!is_running()) return error_;
  shutdown(socket_, SHUT_WR);
  const int status = reap(std::chrono::milliseconds(milliseconds));
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return end(Fate::timed_out,
               Code::limit,
               fmt::format("did not end in {} ms and was ended", milliseconds));
  }
  if (status != 0) return end(Fate::died, Code::io, death(status));
  [[maybe_unused]] const Error later =
      end(Fate::finished, Code::io, "has ended as it was asked to");
  return Done{};
}

Result<Message> Worker::exchange(const Message& message, std::int64_t milliseconds) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  Outgoing outgoing(message);
  MessageReader reader(max_answer_bytes_);
  for (;;) {
    std::array<pollfd, 2> wanted = {{{socket_, POLLIN, 0}, {words_, POLLIN, 0}}};
    if (!outgoing.is_done()) wanted[0].events |= POLLOUT;
    if (poll(wanted.data(), wanted.size(), milliseconds_until(deadline)) < 0 && errno != EINTR) {
      return end(Fate::broken, Code::io, std::string("poll: ") + std::strerror(errno));
    }
    if ((wanted[1].revents & POLLIN) != 0) {
      drain_words();
    } else if ((wanted[1].revents & POLLHUP) != 0) {
      close(std::exchange(words_, -1));
    }
    if ((wanted[0].revents & POLLOUT) != 0 && !outgoing.is_done() && !outgoing.send_some(socket_)) {
      return end_of_stream(false);
    }
    if ((wanted[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      const auto progress = reader.read_some(socket_);
      if (!progress) return end(Fate::broken, Code::bad_input, progress.error().message);
      if (progress.value() == MessageReader::Progress::done) return reader.take();
      if (progress.value() == MessageReader::Progress::closed) {
        return end_of_stream(!reader.at_boundary());
      }
    }
    if (Clock::now() >= deadline) {
      return end(Fate::timed_out,
                 Code::limit,
                 fmt::format("gave no answer in {} ms and was ended", milliseconds));
    }
  }
}

}  // namespace attest
