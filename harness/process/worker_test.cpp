// Worker: answers, deaths, hangs and lies of a real child; nothing is left behind.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/worker.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>

namespace attest {
namespace {

constexpr std::int64_t kLong = 60'000;  // ms; never waited for
constexpr std::int64_t kShort = 200;

Worker start(WorkerOptions options = {}) {
  options.command = {ATTEST_TEST_CHILD};
  auto worker = Worker::start(options);
  EXPECT_TRUE(worker) << worker.error().to_string();
  return std::move(worker).value();
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

bool exists(pid_t process) {
  return kill(process, 0) == 0;
}

/// Gone, or dead and not yet reaped by whoever has to.
bool has_ended(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string number;
  std::string command;
  std::string state;
  stat >> number >> command >> state;
  return state.empty() || state == "Z";
}

/// This process has no child at all, dead or alive.
bool has_no_child() {
  return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
}

/// The error of the question `ask`, after which the worker must be gone.
Error fatal(Worker& worker, const std::string& ask, Fate fate, std::int64_t ms = kLong) {
  const pid_t process = worker.process();
  auto got = worker.ask({ask, {}}, ms);
  EXPECT_FALSE(got) << ask;
  if (got) return {};
  EXPECT_EQ(name(worker.fate()), name(fate));
  EXPECT_FALSE(exists(process));
  EXPECT_TRUE(has_no_child());
  auto again = worker.ask({"echo", {}}, kLong);
  EXPECT_FALSE(again);
  if (again) return {};
  EXPECT_EQ(again.error().message, got.error().message);
  return got.error();
}

TEST(Worker, answers_again_and_again) {
  Worker worker = start();
  for (int n = 0; n < 100; ++n) {
    const Message sent{"echo " + std::to_string(n), {std::vector<std::byte>(10, std::byte(n))}};
    auto got = worker.ask(sent, kLong);
    ASSERT_TRUE(got) << got.error().to_string();
    EXPECT_EQ(got->text, sent.text);
    EXPECT_EQ(got->blobs, sent.blobs);
  }
}

TEST(Worker, takes_messages_larger_than_any_pipe) {
  Worker worker = start();
  const Message sent{"echo", {std::vector<std::byte>(30'000'000, std::byte{7})}};
  auto got = worker.ask(sent, kLong);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->blobs, sent.blobs);
}

TEST(Worker, that_crashes_is_named_with_its_signal) {
  Worker worker = start();
  const Error error = fatal(worker, "segv", Fate::died);
  EXPECT_EQ(error.code, Code::io);
  EXPECT_EQ(error.where, "process_test_child");
  EXPECT_TRUE(error.message.starts_with("died of SIGSEGV") ||
              error.message.starts_with("ended with exit code"))  // a sanitizer's
      << error.message;
}

TEST(Worker, that_exits_is_named_with_its_code) {
  Worker worker = start();
  EXPECT_EQ(fatal(worker, "exit 3", Fate::died).message, "ended with exit code 3");
}

TEST(Worker, that_throws_says_so_in_its_last_words) {
  Worker worker = start();
  EXPECT_EQ(fatal(worker, "throw", Fate::died).message,
            "ended with exit code 70; its last words: internal error: thrown on purpose");
}

TEST(Worker, that_hangs_is_ended_in_time) {
  Worker worker = start();
  const auto began = std::chrono::steady_clock::now();
  const Error error = fatal(worker, "hang", Fate::timed_out, kShort);
  EXPECT_EQ(error.code, Code::limit);
  EXPECT_EQ(error.message, "gave no answer in 200 ms and was ended");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(kLong));
}

TEST(Worker, that_ends_inside_an_answer_has_died) {
  Worker worker = start();
  EXPECT_EQ(fatal(worker, "half", Fate::died).message, "ended with exit code 0 inside an answer");
}

TEST(Worker, that_claims_a_huge_blob_is_broken) {
  Worker worker = start();
  const Error error = fatal(worker, "huge", Fate::broken);
  EXPECT_EQ(error.code, Code::bad_input);
  EXPECT_NE(error.message.find("1152921504606846976 bytes"), std::string::npos) << error.message;
}

TEST(Worker, that_answers_noise_is_broken) {
  Worker worker = start();
  EXPECT_NE(fatal(worker, "noise", Fate::broken).message.find("ATM1"), std::string::npos);
}

TEST(Worker, that_floods_leaves_its_last_lines_alone) {
  Worker worker = start();
  const Error error = fatal(worker, "flood", Fate::died);
  EXPECT_NE(error.message.find("|line 99999 of a flood"), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find("line 99994 of a flood"), std::string::npos) << error.message;
}

TEST(Worker, may_print_on_stdout) {
  Worker worker = start();
  auto got = worker.ask({"talk", {}}, kLong);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(got->text, "talk");
}

TEST(Worker, has_the_environment_and_the_limit_that_it_is_given) {
  WorkerOptions options;
  options.environment = {{"ATTEST_TEST_VARIABLE", "a value"}};
  options.address_space_bytes = std::int64_t{1} << 46;
  Worker worker = start(options);
  auto variable = worker.ask({"environment", {}}, kLong);
  ASSERT_TRUE(variable) << variable.error().to_string();
  EXPECT_EQ(variable->text, "a value");
  auto limit = worker.ask({"address space", {}}, kLong);
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->text, std::to_string(options.address_space_bytes));
}

TEST(Worker, that_is_asked_to_end_ends_by_itself) {
  Worker worker = start();
  ASSERT_TRUE(worker.ask({"echo", {}}, kLong));
  const Status ended = worker.finish(kLong);
  EXPECT_TRUE(ended) << ended.error().to_string();
  EXPECT_EQ(worker.fate(), Fate::finished);
  EXPECT_TRUE(has_no_child());
  EXPECT_EQ(worker.ask({"echo", {}}, kLong).error().message, "has ended as it was asked to");
}

TEST(Worker, that_fails_on_its_way_out_has_died) {
  Worker worker = start();
  ASSERT_TRUE(worker.ask({"exit 66 at the end", {}}, kLong));
  const Status ended = worker.finish(kLong);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "ended with exit code 66; its last words: left something");
  EXPECT_EQ(worker.fate(), Fate::died);
}

TEST(Worker, that_does_not_end_is_ended) {
  Worker worker = start();
  ASSERT_TRUE(worker.ask({"hang at the end", {}}, kLong));
  const Status ended = worker.finish(kShort);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::limit);
  EXPECT_EQ(ended.error().message, "did not end in 200 ms and was ended");
  EXPECT_TRUE(has_no_child());
}

TEST(Worker, that_cannot_be_started_is_an_error_with_its_path) {
  WorkerOptions options;
  options.command = {"/nonexistent/attest-cuda"};
  auto worker = Worker::start(options);
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().to_string(),
            "/nonexistent/attest-cuda: cannot be started: No such file or directory");
}

TEST(Worker, leaves_no_process_and_no_descriptor) {
  const std::size_t before = open_descriptors();
  for (int n = 0; n < 3; ++n) {
    Worker worker = start();
    ASSERT_TRUE(worker.ask({"echo", {}}, kLong));
    Worker moved = std::move(worker);
    worker = start();
    ASSERT_TRUE(moved.ask({"echo", {}}, kLong));
    ASSERT_FALSE(moved.ask({"exit 3", {}}, kLong));
  }
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_TRUE(has_no_child());
}

TEST(Worker, ends_what_it_started_too) {
  Worker worker = start();
  auto got = worker.ask({"grandchild", {}}, kLong);
  ASSERT_TRUE(got);
  const pid_t grandchild = std::stoi(got->text);
  EXPECT_FALSE(has_ended(grandchild));
  fatal(worker, "hang", Fate::timed_out, kShort);
  for (int n = 0; n < 10'000 && !has_ended(grandchild); ++n)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(has_ended(grandchild));
}

TEST(Worker, may_close_its_stderr) {
  Worker worker = start();
  auto got = worker.ask({"close stderr", {}}, kLong);
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_EQ(fatal(worker, "hang", Fate::timed_out, kShort).code, Code::limit);
}

TEST(Worker, dies_with_the_thread_that_started_it) {
  std::unique_ptr<Worker> worker;
  std::thread([&worker] {
    worker = std::make_unique<Worker>(start());
    EXPECT_TRUE(worker->ask({"echo", {}}, kLong));
  }).join();
  auto got = worker->ask({"hang", {}}, kLong);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "died of SIGKILL");
}

}  // namespace
}  // namespace attest
