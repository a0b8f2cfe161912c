// run.json against its golden file, read back, and refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

namespace attest {
namespace {

std::string golden() {
  std::ifstream file(std::string(ATTEST_SCHEMA_DIR) + "/golden-run-1.json");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(RunJson, is_the_golden_file) {
  EXPECT_EQ(to_run_json(sample_run()), golden());
}

TEST(RunJson, reads_the_golden_file_back_and_writes_the_same_bytes) {
  const auto run = parse_run_json(golden(), "golden");
  ASSERT_TRUE(run.has_value()) << run.error().to_string();
  EXPECT_EQ(to_run_json(*run), golden());

  const RunRecord wanted = sample_run();
  EXPECT_EQ(run->seed, wanted.seed);
  EXPECT_EQ(run->planned, 10);
  EXPECT_TRUE(run->interrupted);
  EXPECT_EQ(run->env.wall_seconds, 1.5);
  EXPECT_EQ(run->env.ptxas, sample_run().env.ptxas);
  ASSERT_EQ(run->cases.size(), wanted.cases.size());
  for (std::size_t i = 0; i < wanted.cases.size(); ++i) {
    EXPECT_EQ(run->cases[i].which, wanted.cases[i].which) << i;
    EXPECT_EQ(run->cases[i].verdict, wanted.cases[i].verdict) << i;
    EXPECT_EQ(run->cases[i].ratio_o, wanted.cases[i].ratio_o) << i;
    EXPECT_EQ(run->cases[i].launches.size(), wanted.cases[i].launches.size()) << i;
  }
  ASSERT_EQ(run->failures.size(), 2U);
  EXPECT_EQ(run->failures[0].found, wanted.failures[0].found);
  EXPECT_EQ(run->failures[0].seen, 12);
  EXPECT_TRUE(std::isnan(run->failures[0].shrunk.divergence->got));
  EXPECT_EQ(run->failures[0].shrunk.divergence->got_bits, 0x7fffU);
  const Finding& race = run->failures[1].shrunk.findings.at(0);
  EXPECT_EQ(race.kind, FindingKind::shared_race);
  EXPECT_EQ(race.party.access, Access::write);
  ASSERT_TRUE(race.other.has_value());
  EXPECT_EQ(race.other->site, (CodeSite{"zoo/no_barrier.cu", 97, 530}));
}

TEST(RunJson, only_env_differs_between_two_hosts) {
  RunRecord other = sample_run();
  other.env.host = "elsewhere";
  other.env.wall_seconds = 99;
  other.env.jobs = 64;
  const std::string a = golden();
  const std::string b = to_run_json(other);
  const std::size_t env = a.find("\"env\"");
  ASSERT_NE(env, std::string::npos);
  EXPECT_NE(a, b);
  EXPECT_EQ(a.substr(0, env), b.substr(0, env));
}

TEST(RunJson, refuses_what_it_cannot_read) {
  EXPECT_EQ(parse_run_json("{", "r").error().code, Code::bad_input);
  EXPECT_EQ(parse_run_json("{}", "r").error().code, Code::bad_input);
  EXPECT_EQ(parse_run_json(R"({"schema":2})", "r").error().code, Code::unsupported);
  std::string text = golden();
  text.replace(text.find("\"shared_race\""), 13, "\"no_such_kind\"");
  const auto run = parse_run_json(text, "dir/run.json");
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().to_string(), "dir/run.json: unknown finding 'no_such_kind'");
}

}  // namespace
}  // namespace attest
