// A new report never costs an old one.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"

#include "harness/cli/testing.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace attest {
namespace {

namespace fs = std::filesystem;

std::int64_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(ReportFolder, moves_an_older_report_to_old_and_drops_the_one_before) {
  const TemporaryFolder temporary;
  const std::string path = temporary / "report";
  for (const char* text : {"first", "second", "third"}) {
    const auto folder = ReportFolder::create(path);
    ASSERT_TRUE(folder.has_value()) << folder.error().to_string();
    EXPECT_EQ(read_file(folder->journal()), "");
    ASSERT_TRUE(write_file(folder->journal(), text));
  }
  EXPECT_EQ(read_file(path + "/events.ndjson"), "third");
  EXPECT_EQ(read_file(path + ".old/events.ndjson"), "second");
  EXPECT_EQ(entries(temporary.path()), 2) << "nothing else is left";
}

TEST(ReportFolder, makes_parents_and_takes_a_slash_at_the_end_or_an_empty_folder) {
  const TemporaryFolder temporary;
  EXPECT_TRUE(ReportFolder::create(temporary / "a/b/report/").has_value());
  EXPECT_TRUE(fs::exists(temporary / "a/b/report/events.ndjson"));
  fs::create_directory(temporary / "empty");
  EXPECT_TRUE(ReportFolder::create(temporary / "empty").has_value());
  EXPECT_FALSE(fs::exists(temporary / "empty.old"));
}

TEST(ReportFolder, never_moves_what_is_not_a_report) {
  const TemporaryFolder temporary;
  fs::create_directory(temporary / "thesis");
  ASSERT_TRUE(write_file(temporary / "thesis/chapter", "years of work"));
  const auto folder = ReportFolder::create(temporary / "thesis");
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().where, temporary / "thesis");
  EXPECT_EQ(read_file(temporary / "thesis/chapter"), "years of work");

  ASSERT_TRUE(ReportFolder::create(temporary / "report").has_value());
  fs::rename(temporary / "thesis", temporary / "report.old");
  EXPECT_FALSE(ReportFolder::create(temporary / "report").has_value());
  EXPECT_EQ(read_file(temporary / "report.old/chapter"), "years of work");
  EXPECT_TRUE(fs::exists(temporary / "report/events.ndjson"));
}

TEST(ReportFolder, what_cannot_be_made_is_an_error_and_leaves_all_as_it_was) {
  const TemporaryFolder temporary;
  ASSERT_TRUE(write_file(temporary / "file", "text"));
  for (const std::string& path : {std::string("/proc/attest-report"),
                                  temporary / "file",
                                  temporary / "file/below",
                                  std::string("."),
                                  std::string("/")}) {
    const auto folder = ReportFolder::create(path);
    ASSERT_FALSE(folder.has_value()) << path;
    EXPECT_FALSE(folder.error().message.empty()) << path;
  }
  EXPECT_EQ(read_file(temporary / "file"), "text");
  EXPECT_EQ(entries(temporary.path()), 1);
}

TEST(CheckWritable, leaves_the_file_as_it_is) {
  const TemporaryFolder temporary;
  ASSERT_TRUE(write_file(temporary / "run.json", "kept"));
  EXPECT_TRUE(check_writable(temporary / "run.json"));
  EXPECT_EQ(read_file(temporary / "run.json"), "kept");
  EXPECT_FALSE(check_writable("/proc/nosuch/run.json"));
}

}  // namespace
}  // namespace attest
