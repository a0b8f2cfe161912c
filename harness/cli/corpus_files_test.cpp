// The corpus end to end: replayed first, known failures, what is written and what is only printed.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/corpus_files.h"

#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace attest {
namespace {

constexpr const char* kFaulty = "zoo/causal_off_by_one";
constexpr const char* kWrong = "attn(sq=2,dtype=f32,mask=causal-tl)";
constexpr const char* kRight = "attn(sq=2,dtype=f32)";

/// CI as it is set, or not, for one test.
class CiScope {
 public:
  explicit CiScope(const char* value) {
    if (const char* before = std::getenv("CI")) before_ = before;
    value == nullptr ? unsetenv("CI") : setenv("CI", value, 1);
  }
  ~CiScope() { before_.empty() ? unsetenv("CI") : setenv("CI", before_.c_str(), 1); }
  CiScope(const CiScope&) = delete;
  CiScope& operator=(const CiScope&) = delete;

 private:
  std::string before_;
};

std::string line_of(const char* problem, const char* known = "", const char* kernel = kFaulty) {
  CorpusLine line;
  line.which.problem = parse_problem(problem).value();
  line.which.kernel = kernel;
  line.which.property = "agrees_with_reference";
  line.known = known;
  return to_string(line) + "\n";
}

void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Of the faulty kernel, with no causal mask among the few cases drawn.
Output check(const TemporaryFolder& folder,
             const std::vector<std::string>& more = {"--cases", "1"},
             const std::string& out = "r") {
  std::vector<std::string> words = {"check",
                                    "--kernel",
                                    kFaulty,
                                    "--property",
                                    "agrees_with_reference",
                                    "--oracle",
                                    "eigen",
                                    "-j",
                                    "1",
                                    "--corpus",
                                    folder / "corpus"};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"--out", folder / out});
  return run(words);
}

RunRecord record_of(const std::string& folder) {
  auto run = parse_run_json(read_file(folder + "/run.json"), "run.json");
  EXPECT_TRUE(run.has_value()) << run.error().to_string();
  return run ? *run : RunRecord{};
}

TEST(Corpus, is_replayed_first_and_only_of_what_is_chosen) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  write(folder / "corpus/a.ndjson",
        line_of(kRight) + line_of(kRight, "", "attention_wide_f32") + line_of(kRight));
  write(folder / "corpus/b.ndjson", line_of("attn(sq=3,dtype=f32)"));
  write(folder / "corpus/README.md", "not a line");
  EXPECT_EQ(check(folder).exit, Exit::held);
  const RunRecord run = record_of(folder / "r");
  ASSERT_EQ(run.cases.size(), 3U);
  EXPECT_EQ(to_string(run.cases[0].which.problem), kRight);
  EXPECT_EQ(to_string(run.cases[1].which.problem), "attn(sq=3,dtype=f32)");
  EXPECT_EQ(run.planned, 3);
}

TEST(Corpus, a_line_without_a_reason_must_hold) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  write(folder / "corpus/a.ndjson", line_of(kWrong));
  const Output output = check(folder);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_EQ(record_of(folder / "r").failures.size(), 1U);
  EXPECT_NE(output.out.find("blame     mask: "), std::string::npos) << output.out;
  EXPECT_NE(output.out.find("; the kernel stands alone: unfused with eigen"), std::string::npos)
      << output.out;
}

TEST(Corpus, a_known_failure_must_fail_until_its_line_is_removed) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  write(folder / "corpus/a.ndjson", line_of(kWrong, "one key too many, to be mended"));
  const Output known = check(folder);
  EXPECT_EQ(known.exit, Exit::held) << known.out;
  EXPECT_NE(known.out.find("one key too many, to be mended"), std::string::npos) << known.out;
  EXPECT_TRUE(record_of(folder / "r").failures.empty());
  EXPECT_EQ(read_file(folder / "r/junit.xml").find("<failure"), std::string::npos);

  write(folder / "corpus/a.ndjson", line_of(kRight, "one key too many, to be mended"));
  const Output stale = check(folder);
  EXPECT_EQ(stale.exit, Exit::falsified) << stale.out;
  EXPECT_NE(stale.out.find("HOLDS NOW: remove its line"), std::string::npos) << stale.out;
  EXPECT_NE(read_file(folder / "r/junit.xml").find("<failure"), std::string::npos);
}

TEST(Corpus, new_failures_are_kept_where_that_is_asked_for) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "corpus");
  const std::vector<std::string> more = {"--cases", "40", "--seed", "3"};
  EXPECT_EQ(check(folder, more).exit, Exit::falsified);
  EXPECT_FALSE(std::filesystem::exists(folder / "corpus/found.ndjson"));
  std::vector<std::string> keeping = more;
  keeping.emplace_back("--keep");
  const Output kept = check(folder, keeping);
  EXPECT_NE(kept.out.find("added to "), std::string::npos) << kept.out;
  const auto corpus = read_corpus(folder / "corpus");
  ASSERT_TRUE(corpus.has_value()) << corpus.error().to_string();
  const RunRecord run = record_of(folder / "r");
  ASSERT_EQ(corpus->size(), run.failures.size());
  ASSERT_FALSE(corpus->empty());
  EXPECT_EQ(corpus->front().which, run.failures.front().shrunk.which);
  EXPECT_EQ(check(folder, keeping).out.find("added to "), std::string::npos) << "kept twice";
  EXPECT_EQ(*read_corpus(folder / "corpus"), *corpus);
}

TEST(Corpus, in_ci_nothing_is_written_and_the_patch_applies) {
  const CiScope ci("true");
  const TemporaryFolder folder;
  const std::string before = "# a\n# b\n# c\n# d\n";
  write(folder / "corpus/found.ndjson", before);
  const Output output = check(folder, {"--cases", "40", "--seed", "3", "--keep"});
  EXPECT_EQ(read_file(folder / "corpus/found.ndjson"), before);
  const std::size_t at = output.out.find("--- a/");
  ASSERT_NE(at, std::string::npos) << output.out;
  write(folder / "patch", output.out.substr(at));
  const std::string command = "cd / && patch -s -p1 -d / < " + (folder / "patch");
  ASSERT_EQ(std::system(command.c_str()), 0) << output.out;
  const std::string lines =
      to_string(CorpusLine{record_of(folder / "r").failures.at(0).shrunk.which, ""}) + "\n";
  EXPECT_EQ(read_file(folder / "corpus/found.ndjson").rfind(before + lines, 0), 0U);
}

TEST(Corpus, shards_add_up_to_the_whole_run) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  write(folder / "corpus/a.ndjson",
        line_of(kWrong, "known") + line_of(kRight) + line_of("attn(sq=3,dtype=f32)"));
  const std::vector<std::string> more = {"--cases", "7", "--seed", "3"};
  const auto without_env = [](RunRecord run) {
    run.env = {};
    return to_run_json(run);
  };
  static_cast<void>(check(folder, more));
  const std::string whole = without_env(record_of(folder / "r"));
  std::vector<std::string> words = {"merge"};
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    std::vector<std::string> part = more;
    const std::string out = "shard" + std::string(shard, 1);
    part.insert(part.end(), {"--shard", shard});
    static_cast<void>(check(folder, part, out));
    words.push_back(folder / out);
  }
  words.insert(words.end(), {"--out", folder / "merged"});
  static_cast<void>(run(words));
  EXPECT_EQ(without_env(record_of(folder / "merged")), whole);
}

TEST(Corpus, is_the_usual_folder_of_where_a_run_began_wherever_it_goes_on) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  write(folder / "properties/regressions/a.ndjson", line_of(kRight));
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const std::vector<std::string> words = {"check",
                                          "--kernel",
                                          kFaulty,
                                          "--property",
                                          "agrees_with_reference",
                                          "--cases",
                                          "1",
                                          "--oracle",
                                          "eigen"};
  const auto with = [&words](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return more;
  };
  const Output begun = run(with({"--out", "r"}));
  const Output none = run(with({"--corpus", "none", "--out", "none"}));
  std::filesystem::current_path(here);
  EXPECT_EQ(begun.exit, Exit::held) << begun.err;
  EXPECT_NE(begun.err.find("corpus of 1 cases"), std::string::npos) << begun.err;
  EXPECT_EQ(none.exit, Exit::held) << none.err;
  EXPECT_EQ(record_of(folder / "r").cases.size(), 2U);
  EXPECT_EQ(record_of(folder / "none").cases.size(), 1U);
  EXPECT_EQ(run({"check", "--resume", folder / "r"}).exit, Exit::held);
  EXPECT_EQ(record_of(folder / "r").cases.size(), 2U);
}

TEST(Corpus, a_bad_folder_or_line_is_bad_input) {
  const TemporaryFolder folder;
  EXPECT_EQ(check(folder).exit, Exit::bad_input);
  write(folder / "corpus/a.ndjson", "{}\n");
  const Output output = check(folder);
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_NE(output.err.find("a.ndjson:1"), std::string::npos) << output.err;
}

TEST(Climb, runs_the_best_case_of_each_kernel_and_dtype_whatever_the_threads) {
  const CiScope no_ci(nullptr);
  const TemporaryFolder folder;
  std::string first;
  for (const char* jobs : {"1", "2"}) {
    const Output output = run({"check",
                               "--climb",
                               "24",
                               "--kernel",
                               "attention_mma",
                               "--kernel",
                               "attention_f32",
                               "--seed",
                               "5",
                               "--oracle",
                               "eigen",
                               "-j",
                               jobs,
                               "--out",
                               folder / "r"});
    EXPECT_EQ(output.exit, Exit::held) << output.err;
    EXPECT_NE(output.out.find("nearest to their bounds\n"), std::string::npos) << output.out;
    RunRecord record = record_of(folder / "r");
    ASSERT_EQ(record.cases.size(), 3U);
    for (const CaseResult& result : record.cases) {
      EXPECT_GT(std::max(result.ratio_o, result.ratio_lse), 0);
      EXPECT_NE(output.out.find(replay_line(result.which)), std::string::npos) << output.out;
    }
    record.env = {};
    if (first.empty()) first = to_run_json(record);
    EXPECT_EQ(to_run_json(record), first);
  }
}

}  // namespace
}  // namespace attest
