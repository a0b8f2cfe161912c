// Command merge: what shards add up to, and which of them are refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace attest {
namespace {

std::vector<std::string> check(const std::string& out, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"check",
                                    "--cases",
                                    "20",
                                    "--kernel",
                                    "elementwise",
                                    "--kernel",
                                    "bias_split",
                                    "-j",
                                    "2",
                                    "--out",
                                    out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Output run_poisoned(const std::vector<std::string>& arguments) {
  return run(arguments, [] { return make_fake_executor(FakeAnswer::poison); });
}

/// What may not differ between two runs with one seed.
std::string without_env(const std::string& run_json) {
  auto record = parse_run_json(read_file(run_json), run_json);
  EXPECT_TRUE(record) << record.error().to_string();
  record->env = {};
  return to_run_json(*record);
}

std::vector<std::string> run_shards(const TemporaryFolder& folder, int of) {
  std::vector<std::string> folders;
  for (int n = 1; n <= of; ++n) {
    folders.push_back(folder / fmt::format("{}-of-{}", n, of));
    const Output shard =
        run_poisoned(check(folders.back(), {"--shard", fmt::format("{}/{}", n, of)}));
    EXPECT_NE(shard.exit, Exit::bad_input) << shard.err;
  }
  return folders;
}

std::vector<std::string> merge(std::vector<std::string> folders,
                               const std::vector<std::string>& more) {
  folders.insert(folders.begin(), "merge");
  folders.insert(folders.end(), more.begin(), more.end());
  return folders;
}

TEST(Merge, ShardsAddUpToTheWholeRun) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_poisoned(check(folder / "whole", {})).exit, Exit::falsified);
  const std::string whole = without_env(folder / "whole/run.json");
  for (const int of : {1, 3, 7, 16}) {
    SCOPED_TRACE(of);
    const std::vector<std::string> folders = run_shards(folder, of);
    const std::string out = folder / fmt::format("merged-{}", of);
    const Output merged = run(merge(folders, {"--out", out, "-o", folder / "run.json"}));
    EXPECT_EQ(merged.exit, Exit::falsified) << merged.err;
    EXPECT_EQ(without_env(folder / "run.json"), whole);
    EXPECT_EQ(without_env(out + "/run.json"), whole);
    EXPECT_EQ(run({"replay", "--from", out, "00000000"}).exit, Exit::bad_input);
  }
}

TEST(Merge, RefusesWhatIsMissingDoubledOrForeign) {
  const TemporaryFolder folder;
  const std::vector<std::string> all = run_shards(folder, 3);
  const auto refused = [](const std::vector<std::string>& folders, const std::string& text) {
    const Output output = run(merge(folders, {}));
    EXPECT_EQ(output.exit, Exit::could_not_judge);
    EXPECT_EQ(count_lines(output.err), 1);
    EXPECT_NE(output.err.find(text), std::string::npos) << output.err;
  };
  refused({all[0], all[2]}, "shard 2/3");
  refused({all[0], folder / "never-begun", all[2]}, "shard 2/3");
  refused({all[0], all[1], all[2], all[1]}, "shard 2/3 is there twice");
  const std::string other = folder / "other";
  run_poisoned(check(other, {"--shard", "3/3", "--seed", "4"}));
  refused({all[0], all[1], other}, "shard 3/3 has seed 0x4");
  run_poisoned(check(other, {"--shard", "3/3", "--dtype", "f32"}));
  refused({all[0], all[1], other}, "shard 3/3 has another plan");
  run_poisoned(check(other, {"--shard", "3/4"}));
  refused({all[0], all[1], other}, "shard 3/4 is not one of 3");
}

TEST(Merge, GoesWithoutWhatIsMissingOnlyWhenToldTo) {
  const TemporaryFolder folder;
  const std::vector<std::string> all = run_shards(folder, 3);
  const Output output =
      run(merge({all[0], all[2]}, {"--allow-missing", "-o", folder / "run.json"}));
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(output.err.find("without shard 2/3"), std::string::npos) << output.err;
  auto record = parse_run_json(read_file(folder / "run.json"), "run.json");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->env.missing, (std::vector<std::string>{"2/3"}));
}

TEST(Merge, AShardThatWasCutOffIsMissing) {
  const TemporaryFolder folder;
  const std::vector<std::string> all = run_shards(folder, 2);
  const std::string journal = all[1] + "/events.ndjson";
  const std::string text = read_file(journal);
  std::filesystem::resize_file(journal, text.size() / 2);
  EXPECT_NE(run(merge(all, {})).err.find("shard 2/2"), std::string::npos);
  std::filesystem::resize_file(journal, 0);
  EXPECT_NE(run(merge(all, {})).err.find("shard 2/2"), std::string::npos);
  EXPECT_EQ(run(merge({folder / "nowhere"}, {})).exit, Exit::bad_input);
  EXPECT_EQ(run({"merge"}).exit, Exit::could_not_judge);
}

TEST(Merge, AFolderThatIsNoneOfTheRunIsNamed) {
  const TemporaryFolder folder;
  std::vector<std::string> folders = run_shards(folder, 2);
  folders.push_back(folder / "typed-wrong");
  const Output output = run(merge(folders, {}));
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_EQ(count_lines(output.err), 1);
  EXPECT_NE(output.err.find("typed-wrong"), std::string::npos) << output.err;
}

TEST(Merge, RefusesShardsThatDoNotExist) {
  for (const char* shard : {"0/3", "4/3", "1", "1/0", "a/b", "1/3x", "-1/3", "1/999999999"}) {
    const Output output = run_poisoned(check("unused", {"--shard", shard}));
    EXPECT_EQ(output.exit, Exit::bad_input) << shard;
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
  }
}

}  // namespace
}  // namespace attest
