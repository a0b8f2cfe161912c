// Command cudnn, and the oracle cudnn in `check`.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"
#include "reference/oracle/cudnn/client.h"
#include "reports/summary.h"

#include <gtest/gtest.h>

#include <fstream>

namespace attest {
namespace {

bool is_built() {
  return !cudnn_program().empty();
}

/// `check` by the binary, with its helper program; the record without what may differ.
RunRecord check(const std::vector<std::string>& more, const TemporaryFolder& folder) {
  std::vector<std::string> arguments = {
      "check", "--kernel", "attention_f32", "--cases", "30", "--seed", "3", "--out", folder / "r"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  EXPECT_EQ(run_binary(arguments, folder), 0) << read_file(folder / "err");
  auto run = parse_run_json(read_file(folder / "r" + "/run.json"), "run.json");
  EXPECT_TRUE(run.has_value());
  if (!run) return {};
  run->env = {};
  return *run;
}

TEST(Cudnn, is_not_built_in_a_program_without_its_helper) {
  const Output output = run({"cudnn"});
  EXPECT_EQ(output.exit, Exit::nothing_judged);
  EXPECT_EQ(output.err,
            "attest: cudnn: attest-cudnn is not built; `attest doctor` says what is missing\n");
}

TEST(Cudnn, check_says_that_it_is_not_built) {
  const TemporaryFolder folder;
  const Output output =
      run({"check", "--kernel", "attention_f32", "--cases", "4", "--out", folder / "r"});
  EXPECT_EQ(output.exit, Exit::held);
  EXPECT_NE(output.out.find("\n  cudnn: not built\n"), std::string::npos) << output.out;
  EXPECT_NE(read_file(folder / "r" + "/summary.md").find("- cudnn: not built\n"),
            std::string::npos);
}

TEST(Cudnn, an_oracle_that_is_none_is_bad_input) {
  const Output output = run({"check", "--oracle", "tea-leaves"});
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_NE(output.err.find("--oracle"), std::string::npos) << output.err;
}

TEST(Cudnn, check_reports_keys_by_tier_and_the_same_for_any_number_of_threads) {
  const TemporaryFolder folder;
  const RunRecord one = check({"-j", "1"}, folder);
  ASSERT_EQ(one.oracles.size(), 1U);
  const OracleRecord& oracle = one.oracles[0];
  if (!is_built()) {
    EXPECT_EQ(oracle_line(oracle), "cudnn: not built");
    return;
  }
  const OracleCounts counts = count(oracle);
  if (counts.executed == 0) {
    EXPECT_EQ(counts.planned, 4);
  }
  EXPECT_EQ(counts.disagree, 0);
  EXPECT_GT(oracle.admitted, 0);
  EXPECT_GT(counts.refused, 0);
  EXPECT_EQ(counts.died, 0);
  EXPECT_NE(read_file(folder / "out").find("\n  " + oracle_line(oracle) + "\n"), std::string::npos);
  EXPECT_EQ(to_run_json(check({"-j", "3"}, folder)), to_run_json(one));
}

TEST(Cudnn, is_not_asked_when_it_is_not_among_the_oracles) {
  const TemporaryFolder folder;
  EXPECT_TRUE(check({"--oracle", "eigen"}, folder).oracles.empty());
  EXPECT_EQ(check({"--oracle", "eigen,cudnn"}, folder).oracles.size(), 1U);
}

TEST(Cudnn, a_helper_that_cannot_be_asked_is_in_the_report) {
  if (!is_built()) GTEST_SKIP() << "attest-cudnn is not built";
  const TemporaryFolder folder;
  setenv("ATTEST_CUDNN_PROGRAM", "/nowhere/attest-cudnn", 1);
  const RunRecord record = check({}, folder);
  unsetenv("ATTEST_CUDNN_PROGRAM");
  ASSERT_EQ(record.oracles.size(), 1U);
  EXPECT_NE(record.oracles[0].state.find("/nowhere/attest-cudnn"), std::string::npos)
      << record.oracles[0].state;
}

}  // namespace
}  // namespace attest
