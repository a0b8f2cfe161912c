// Disks that fill up and folders that cannot be written: one line, nothing lost, never green.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/journal.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace attest {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kCheck = {"check",
                                         "--cases",
                                         "20",
                                         "--seed",
                                         "2",
                                         "-j",
                                         "2",
                                         "--oracle",
                                         "eigen",
                                         "--kernel",
                                         "attention_f32"};

std::vector<std::string> check_with(std::vector<std::string> more) {
  more.insert(more.begin(), kCheck.begin(), kCheck.end());
  return more;
}

/// No file can grow beyond; a write that tries is an error, as on a full disk.
void fill_disk_at(std::int64_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  setrlimit(RLIMIT_FSIZE, &limit);
}

void fill_stdout(std::int64_t) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  dup2(full, STDOUT_FILENO);
}

/// The errors of a program: its lines that begin with its name.
std::vector<std::string> errors_in(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = text.find("attest: ", at)) != std::string::npos; ++at)
    out.push_back(text.substr(at, text.find('\n', at) - at));
  return out;
}

void expect_one_error(const std::string& text, const std::string& wanted) {
  const std::vector<std::string> errors = errors_in(text);
  ASSERT_EQ(errors.size(), 1U) << text;
  EXPECT_NE(errors[0].find(wanted), std::string::npos) << text;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder))
    out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

TEST(FullDisk, WhatWasJudgedStaysAndTheRunGoesOnFromThere) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_binary(check_with({"--out", "whole"}), folder), 0) << read_file(folder / "err");
  const std::string whole = run_without_env(folder / "whole");
  const auto size = static_cast<std::int64_t>(fs::file_size(folder / "whole/events.ndjson"));
  const std::int64_t first_line =
      static_cast<std::int64_t>(read_file(folder / "whole/events.ndjson").find('\n')) + 1;
  for (const std::int64_t bytes : {first_line + 100, size / 3, size / 2, size - 50}) {
    SCOPED_TRACE(bytes);
    EXPECT_EQ(wait_for(start_binary(check_with({"--out", "r"}), folder, fill_disk_at, bytes)), 4);
    expect_one_error(read_file(folder / "err"),
                     "r/events.ndjson: cannot be written: File too large; what is in it goes on "
                     "with attest check --resume r");
    EXPECT_NE(read_file(folder / "out").find("Interrupted after "), std::string::npos)
        << read_file(folder / "out");
    const std::string journal = read_file(folder / "r/events.ndjson");
    EXPECT_EQ(journal.back(), '\n') << "whole lines alone";
    const auto content = parse_journal(journal, "r").value();
    EXPECT_TRUE(content.run.interrupted);
    EXPECT_EQ(content.bytes, static_cast<std::int64_t>(journal.size()));
    for (const std::string& name : names_in(folder / "r")) {
      EXPECT_EQ(name.find(".part"), std::string::npos) << name;
      EXPECT_LE(fs::file_size(folder / "r/" + name), static_cast<std::uintmax_t>(bytes)) << name;
    }
    EXPECT_EQ(run_binary({"check", "--resume", "r"}, folder), 0) << read_file(folder / "err");
    EXPECT_EQ(run_without_env(folder / "r"), whole);
  }
}

/// A view that cannot be written whole is not there, or the old one still is.
TEST(FullDisk, AViewIsWholeOrNotThere) {
  const TemporaryFolder folder;
  const auto path = ReportFolder::create(folder / "r").value();
  ASSERT_TRUE(path.write_views(sample_run()));
  const std::string page = read_file(folder / "r/report.html");
  RunRecord other = sample_run();
  other.profile = "other";
  const pid_t child = fork();
  if (child == 0) {
    fill_disk_at(100'000);  // the page is longer
    _exit(path.write_views(other) ? 1 : 0);
  }
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(read_file(folder / "r/report.html"), page);
  EXPECT_EQ(parse_run_json(read_file(folder / "r/run.json"), "r").value().profile, "other");
  for (const std::string& name : names_in(folder / "r"))
    EXPECT_EQ(name.find(".part"), std::string::npos) << name;
}

TEST(FullDisk, AResultThatCannotBeWrittenIsNotGreen) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_binary(check_with({"--out", "r", "--json", "/dev/full"}), folder), 4);
  expect_one_error(read_file(folder / "err"),
                   "/dev/full: cannot be written: No space left on device");
  EXPECT_NE(read_file(folder / "out").find("HELD"), std::string::npos);
  EXPECT_NE(run_without_env(folder / "r"), "");

  EXPECT_EQ(wait_for(start_binary(check_with({"--out", "r"}), folder, fill_stdout)), 4);
  expect_one_error(read_file(folder / "err"), "stdout: cannot be written");
  EXPECT_EQ(wait_for(start_binary({"list"}, folder, fill_stdout)), 4);

  for (const char* part : {"1/2", "2/2"}) {
    const std::string out = std::string("s") + part[0];
    ASSERT_EQ(run_binary(check_with({"--shard", part, "--out", out}), folder), 0);
  }
  EXPECT_EQ(run_binary({"merge", "s1", "s2", "-o", "/dev/full"}, folder), 4);
  expect_one_error(read_file(folder / "err"), "/dev/full: cannot be written: No space left");
}

/// Without the rights of root, which no mode of a folder stops.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_) {
      EXPECT_EQ(seteuid(kNobody), 0);
    }
  }
  ~Unprivileged() {
    if (was_root_) {
      EXPECT_EQ(seteuid(0), 0);
    }
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  bool was_root_ = geteuid() == 0;
};

TEST(ReadOnlyFolder, IsOneLineBeforeAnythingIsJudged) {
  const TemporaryFolder folder;
  chmod(folder.path().c_str(), 0755);
  const std::string report = folder / "r";
  ASSERT_EQ(run(check_with({"--out", report})).exit, Exit::held);
  const std::string journal = read_file(report + "/events.ndjson");
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& wanted) {
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input) << output.out;
    EXPECT_EQ(output.out, "");
    expect_one_error(output.err, wanted);
  };
  chmod(report.c_str(), 0555);
  chmod((report + "/events.ndjson").c_str(), 0444);
  {
    const Unprivileged nobody;
    refused(check_with({"--out", report + "/new"}), "r/new: cannot be made: Permission denied");
    refused(check_with({"--out", report}), "cannot be ");
    refused({"check", "--resume", report}, "r/events.ndjson: cannot be written: Permission denied");
    refused(check_with({"--out", folder / "x", "--json", report + "/run.json"}),
            "r/run.json: cannot be written: Permission denied");
    refused({"report", report, "--out", report + "/views"}, "cannot be made: Permission denied");
  }
  EXPECT_EQ(read_file(report + "/events.ndjson"), journal);
  chmod(report.c_str(), 0755);
}

}  // namespace
}  // namespace attest
