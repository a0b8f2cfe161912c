// Runs from folders, journals and run.json; each fault of a file is one clear line.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/run_input.h"

#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/journal.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace attest {
namespace {

std::string error_of(const std::string& path) {
  const auto run = read_run(path);
  EXPECT_FALSE(run.has_value()) << path;
  return run ? "" : run.error().to_string();
}

TEST(RunInput, reads_a_folder_or_either_of_its_files) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "run.json", to_run_json(sample_run())));
  EXPECT_EQ(to_run_json(read_run(folder.path()).value()), to_run_json(sample_run()));
  EXPECT_EQ(to_run_json(read_run(folder / "run.json").value()), to_run_json(sample_run()));

  RunRecord other = sample_run();
  other.profile = "ci";
  {
    JournalWriter journal = JournalWriter::create(folder / "events.ndjson").value();
    ASSERT_TRUE(journal.begin(other));
  }
  EXPECT_EQ(read_run(folder.path()).value().profile, "ci") << "the journal comes first";
  EXPECT_EQ(read_run(folder / "events.ndjson").value().profile, "ci");
  EXPECT_EQ(read_run(folder / "run.json").value().profile, "quick");
}

TEST(RunInput, what_is_no_run_is_one_line_with_its_place) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.path()), folder.path() + ": holds no events.ndjson and no run.json");
  EXPECT_EQ(error_of(folder / "none").substr(0, (folder / "none").size() + 16),
            folder / "none" + ": cannot be read");
  const auto with = [&](const std::string& text) {
    EXPECT_TRUE(write_file(folder / "run.json", text));
    return error_of(folder / "run.json");
  };
  const std::string place = folder / "run.json";
  EXPECT_EQ(with(""), place + ": is empty");
  EXPECT_EQ(with("nonsense"), place + ": not JSON at byte 2");
  EXPECT_EQ(with("[]"), place + ": not an object, but array");
  EXPECT_EQ(with("{\"schema\": 2}"), place + ": schema 2; this program reads 1");
  EXPECT_EQ(with("{\"schema\": \"1\"}"), place + ": schema: string is not an integer of 32 bits");
  EXPECT_EQ(with("{\"t\":\"run\"}\n"), place + ":1: lacks 'schema'");
  EXPECT_EQ(with("{\"t\":\"start\"}\n"), place + ":1: the first event is 'start', not 'run'");
  EXPECT_EQ(with("{\"t\":7}\n"), place + ":1: t: type must be string, but is number");
  const std::string whole = to_run_json(sample_run());
  EXPECT_EQ(with(whole.substr(0, 1000)), place + ": not JSON at byte 1001");
}

}  // namespace
}  // namespace attest
