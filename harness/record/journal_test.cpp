// The journal tells the whole run, also when it ends early.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/journal.h"

#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace attest {
namespace {

class Journal : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "attest_journal_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + ".ndjson";
  ~Journal() override { std::filesystem::remove(path_); }

  [[nodiscard]] std::string text() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  /// Writes `run`, the results in reverse order, and ends it if asked to.
  void write(const RunRecord& run, bool with_end) const {
    auto writer = JournalWriter::create(path_);
    ASSERT_TRUE(writer.has_value()) << writer.error().to_string();
    ASSERT_TRUE(writer->begin(run));
    const auto cases = static_cast<std::int64_t>(run.cases.size());
    for (std::int64_t n = 0; n < cases; ++n) {
      ASSERT_TRUE(writer->start(n, run.cases[static_cast<std::size_t>(n)].which));
    }
    for (std::int64_t n = cases - 1; n >= 0; --n) {
      ASSERT_TRUE(writer->result(n, run.cases[static_cast<std::size_t>(n)]));
    }
    for (std::size_t n = 0; n < run.failures.size(); ++n) {
      ASSERT_TRUE(writer->failure(static_cast<std::int64_t>(n), run.failures[n]));
    }
    for (const OracleRecord& oracle : run.oracles)
      ASSERT_TRUE(writer->oracle(oracle));
    for (const PairRecord& pairs : run.pairs)
      ASSERT_TRUE(writer->pairs(pairs));
    if (with_end) {
      ASSERT_TRUE(writer->end(run));
    }
  }
};

TEST_F(Journal, rebuilds_the_run_in_draw_order) {
  RunRecord run = sample_run();
  run.interrupted = false;
  write(run, true);
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(to_run_json(read->run), to_run_json(run));
}

TEST_F(Journal, tells_of_layers) {
  const RunRecord run = sample_layer_run();
  auto writer = JournalWriter::create(path_);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->begin(run));
  ASSERT_TRUE(writer->layer(run.layers[0]));
  ASSERT_TRUE(writer->end(run));
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(to_run_json(read->run), to_run_json(run));
}

TEST_F(Journal, keeps_cases_of_every_kind) {
  RunRecord run = sample_run();
  run.interrupted = false;
  run.cases[0].which.problem = parse_any("gemm(b=2,h=3,m=4,n=6,k=5,tb=1,split=3)").value();
  run.cases[1].which.problem = parse_any("layer(s=9,d=4,mask=causal-br)").value();
  write(run, true);
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(read->run.cases[0].which, run.cases[0].which);
  EXPECT_EQ(read->run.cases[1].which, run.cases[1].which);
}

TEST_F(Journal, each_event_is_on_disk_when_the_call_returns) {
  const RunRecord run = sample_run();
  auto writer = JournalWriter::create(path_);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->begin(run));
  ASSERT_TRUE(writer->start(0, run.cases[0].which));
  const auto read = read_journal(path_);  // the writer is still open
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->run.cases.size(), 1U);
  EXPECT_EQ(read->run.cases[0].which, run.cases[0].which);
  EXPECT_EQ(read->run.cases[0].verdict, Verdict::not_run);
  EXPECT_EQ(read->run.cases[0].reason, "interrupted");
  EXPECT_TRUE(read->run.interrupted);
}

TEST_F(Journal, survives_being_cut_anywhere) {
  const RunRecord run = sample_run();
  write(run, true);
  const std::string whole = text();
  const std::size_t first_line = whole.find('\n') + 1;
  for (std::size_t length = first_line; length < whole.size(); length += 37) {
    const auto read = parse_journal(whole.substr(0, length), path_);
    ASSERT_TRUE(read.has_value()) << length << ": " << read.error().to_string();
    EXPECT_TRUE(read->run.interrupted) << length;
    EXPECT_EQ(read->run.seed, run.seed);
  }
  EXPECT_FALSE(parse_journal(whole.substr(0, first_line - 1), path_).has_value());
}

/// As on a disk that fills up in the middle of a line.
TEST_F(Journal, a_line_that_cannot_be_written_is_taken_back_and_nothing_follows_it) {
  const RunRecord run = sample_run();
  const pid_t child = fork();
  if (child == 0) {
    auto writer = JournalWriter::create(path_);
    if (!writer || !writer->begin(run) || !writer->start(0, run.cases[0].which)) _exit(2);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlim_t most = std::filesystem::file_size(path_) + 10;
    rlimit limit{most, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (writer->result(0, run.cases[0])) _exit(3);
    limit.rlim_cur = RLIM_INFINITY;  // there is room again
    setrlimit(RLIMIT_FSIZE, &limit);
    const Status later = writer->result(0, run.cases[0]);
    const bool is_same =
        !later && later.error().to_string() == path_ + ": cannot be written: File too large";
    _exit(is_same ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  EXPECT_EQ(text().back(), '\n');
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  ASSERT_EQ(read->run.cases.size(), 1U);
  EXPECT_EQ(read->run.cases[0].reason, "interrupted");
}

TEST_F(Journal, a_broken_line_is_an_error_with_its_number) {
  write(sample_run(), true);
  std::string broken = text();
  broken.insert(broken.find('\n') + 1, "{\"t\": \n");
  const auto read = parse_journal(broken, "d/events.ndjson");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().where, "d/events.ndjson:2");
}

TEST_F(Journal, a_newer_schema_is_refused) {
  const auto read = parse_journal("{\"t\":\"run\",\"schema\":2}\n", "d");
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("schema 2"), std::string::npos);
}

TEST(JournalErrors, what_has_no_end_and_no_lines_is_no_run) {
  EXPECT_EQ(read_journal("/dev/zero").error().to_string(), "/dev/zero: holds no run");
  EXPECT_EQ(read_journal("/dev/null").error().to_string(), "/dev/null: holds no run");
  EXPECT_EQ(read_journal("/proc").error().code, Code::io);
}

TEST(JournalErrors, name_the_path) {
  const auto writer = JournalWriter::create("/nowhere/events.ndjson");
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, Code::io);
  EXPECT_EQ(writer.error().where, "/nowhere/events.ndjson");
  EXPECT_EQ(read_journal("/nowhere/events.ndjson").error().code, Code::io);
}

}  // namespace
}  // namespace attest
