// Kills at random moments, of the program and of its workers: what comes of the run is what would
// have come of it undisturbed.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/cli/testing.h"
#include "harness/record/journal.h"
#include "harness/record/run_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sys/wait.h>
#include <thread>

namespace attest {
namespace {

namespace fs = std::filesystem;

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

std::uintmax_t bytes_of(const std::string& file) {
  std::error_code none;
  const std::uintmax_t size = fs::file_size(file, none);
  return none ? 0 : size;
}

bool has_ended(pid_t child) {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

/// Until the journal has so many bytes and a little longer; false where the program ended before.
bool wait_for_moment(pid_t program,
                     const std::string& journal,
                     std::uintmax_t bytes,
                     std::uint64_t microseconds) {
  while (bytes_of(journal) < bytes) {
    if (has_ended(program)) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  return !has_ended(program);
}

std::vector<pid_t> children_of(pid_t program) {
  std::vector<pid_t> all;
  std::error_code none;
  for (const auto& task : fs::directory_iterator(fmt::format("/proc/{}/task", program), none)) {
    std::ifstream file(task.path() / "children");
    for (pid_t child = 0; file >> child;)
      all.push_back(child);
  }
  return all;
}

/// `attest worker`, and no helper that answers for a library.
bool is_judge(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", process));
  const std::string words((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return words.find(std::string("\0worker", 7)) != std::string::npos;
}

/// Ends within ten seconds: a worker sees that nobody asks any more.
bool is_gone(pid_t process) {
  for (int i = 0; i < 1000; ++i) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string stat;
    std::getline(file, stat);
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return true;
    if (stat.compare(name_end, 3, ") Z") == 0) return true;  // ended, and nobody has asked yet
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class KilledRun {
 public:
  KilledRun(std::uint64_t seed, const TemporaryFolder& folder) : seed_(seed), folder_(folder) {
    exit_ = run_binary(check_into("whole"), folder_);
    whole_ = run_without_env(folder_ / "whole");
    bytes_ = bytes_of(folder_ / "whole/events.ndjson");
  }

  [[nodiscard]] int undisturbed_exit() const { return exit_; }

  /// One run that is killed, and what comes of it; false where it had ended before its moment.
  bool disturb(std::uint64_t attempt) {
    seed_of_attempt_ = derive_seed(seed_, attempt);
    name_ = fmt::format("r{}", attempt);
    const std::string journal = folder_ / name_ + "/events.ndjson";
    const bool kills_worker = draw(0) % 3 != 0;
    const bool kills_program = draw(0) % 3 != 1;
    pid_t program = start_binary(check_into(name_), folder_);
    bool was_in_time = true;
    std::uintmax_t moment = draw(1) % bytes_;
    if (kills_worker) {
      was_in_time =
          wait_for_moment(program, journal, moment, draw(2) % 3000) && kill_worker(program);
      moment += draw(3) % (bytes_ - moment);
    }
    if (kills_program && was_in_time) {
      was_in_time = wait_for_moment(program, journal, moment, draw(4) % 3000);
      if (was_in_time) program = kill_and_resume(program);
    }
    EXPECT_EQ(wait_for(program), exit_) << read_file(folder_ / "err");
    EXPECT_EQ(run_without_env(folder_ / name_), whole_);
    const auto record = parse_run_json(read_file(folder_ / name_ + "/run.json"), name_);
    if (record) retried += static_cast<int>(record->env.retried.size());
    return was_in_time;
  }

  int workers = 0;   // killed
  int programs = 0;  // killed
  int retried = 0;   // cases that were begun twice

 private:
  [[nodiscard]] std::uint64_t draw(std::uint64_t what) const {
    return derive_seed(seed_of_attempt_, what);
  }

  static std::vector<std::string> check_into(const std::string& name) {
    std::vector<std::string> words = {"check", "--cases", "24", "--seed", "1", "-j", "2"};
    for (const char* kernel : {"attention_f32", "zoo/drops_last_key", "gemm_f32"})
      words.insert(words.end(), {"--kernel", kernel});
    words.insert(words.end(), {"--out", name});
    return words;
  }

  bool kill_worker(pid_t program) {
    std::vector<pid_t> judges = children_of(program);
    judges.erase(
        std::remove_if(judges.begin(), judges.end(), [](pid_t each) { return !is_judge(each); }),
        judges.end());
    if (judges.empty()) return false;
    kill(judges[draw(5) % judges.size()], SIGKILL);
    ++workers;
    return true;
  }

  /// What was begun is gone on with, and what was not is begun.
  pid_t kill_and_resume(pid_t program) {
    const std::vector<pid_t> children = children_of(program);
    kill(program, SIGKILL);
    wait_for(program);
    ++programs;
    for (const pid_t child : children)
      EXPECT_TRUE(is_gone(child)) << child;
    if (bytes_of(folder_ / name_ + "/events.ndjson") == 0)
      return start_binary(check_into(name_), folder_);
    return start_binary({"check", "--resume", name_}, folder_);
  }

  std::uint64_t seed_;
  const TemporaryFolder& folder_;
  std::string name_;
  std::uint64_t seed_of_attempt_ = 0;
  int exit_ = 0;
  std::string whole_;
  std::uintmax_t bytes_ = 0;
};

/// ATTEST_KILLS and ATTEST_KILL_SEED: how many, and other ones.
TEST(Kills, LoseAndChangeNothingAtRandomMoments) {
  const TemporaryFolder folder;
  const std::uint64_t seed = number_of("ATTEST_KILL_SEED", 0x6b696c6c);
  const std::uint64_t wanted = number_of("ATTEST_KILLS", 20);
  std::cout << fmt::format("ATTEST_KILL_SEED={:#x} ATTEST_KILLS={}\n", seed, wanted);
  KilledRun run(seed, folder);
  ASSERT_EQ(run.undisturbed_exit(), 1) << read_file(folder / "err");
  std::uint64_t in_time = 0;
  for (std::uint64_t attempt = 0; in_time < wanted && attempt < 3 * wanted; ++attempt) {
    SCOPED_TRACE(attempt);
    in_time += run.disturb(attempt) ? 1 : 0;
    if (HasFailure()) return;
  }
  std::cout << fmt::format("killed: {} programs, {} workers; begun twice: {} cases\n",
                           run.programs,
                           run.workers,
                           run.retried);
  EXPECT_EQ(in_time, wanted);
  EXPECT_GE(run.programs, static_cast<int>(wanted / 4));
  EXPECT_GE(run.workers, static_cast<int>(wanted / 4));
  EXPECT_GT(run.retried, 0);
}

/// Wherever such a run is cut off, the case that kills is begun again, and again no more.
TEST(Kills, AKernelThatAlwaysKillsItsWorkerIsOneFaultAfterAResumeToo) {
  const TemporaryFolder folder;
  const std::string report = folder / "r";
  const auto run_to = [](std::vector<std::string> arguments) {
    return run_with_worker(arguments, {ATTEST_TEST_WORKER, "die"});
  };
  const Output output = run_to({"check",
                                "--cases",
                                "12",
                                "-j",
                                "2",
                                "--oracle",
                                "eigen",
                                "--kernel",
                                "attention_f32",
                                "--kernel",
                                "attention_mma",
                                "--out",
                                report});
  ASSERT_EQ(output.exit, Exit::workers_died) << output.out;
  const std::string whole = run_without_env(report);
  const std::string journal = read_file(report + "/events.ndjson");
  const std::size_t first_line = journal.find('\n') + 1;
  for (std::size_t bytes = first_line; bytes < journal.size(); bytes += journal.size() / 6) {
    SCOPED_TRACE(bytes);
    std::ofstream(report + "/events.ndjson", std::ios::binary) << journal.substr(0, bytes);
    EXPECT_EQ(run_to({"check", "--resume", report}).exit, Exit::workers_died);
    EXPECT_EQ(run_without_env(report), whole);
    const auto record = parse_run_json(read_file(report + "/run.json"), report).value();
    EXPECT_EQ(record.failures.size(), 1U);
  }
}

}  // namespace
}  // namespace attest
