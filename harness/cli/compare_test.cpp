// Command compare: its lines and exit codes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/report_folder.h"
#include "harness/cli/testing.h"
#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

class CompareCommand : public testing::Test {
 protected:
  /// `base` against `next`, each as a run.json.
  Output compare(const RunRecord& base,
                 const RunRecord& next,
                 const std::vector<std::string>& flags = {}) {
    EXPECT_TRUE(write_file(folder_ / "base.json", to_run_json(base)));
    EXPECT_TRUE(write_file(folder_ / "new.json", to_run_json(next)));
    std::vector<std::string> arguments = {"compare", folder_ / "base.json", folder_ / "new.json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return run(arguments);
  }

  TemporaryFolder folder_;
  const std::vector<std::string> gates_ = {"--fail-on",
                                           "falsified>0",
                                           "--fail-on",
                                           "launches>0",
                                           "--fail-on",
                                           "bytes>1%",
                                           "--fail-on",
                                           "ratio>+0.1"};
};

TEST_F(CompareCommand, equal_runs_hold) {
  const Output output = compare(sample_run(), sample_run(), gates_);
  EXPECT_EQ(output.exit, Exit::held) << output.out << output.err;
  EXPECT_NE(output.out.find("5 SAME; 0 new failures, 0 fixed; 5 common cases"), std::string::npos)
      << output.out;
}

TEST_F(CompareCommand, a_gate_that_holds_is_exit_1_and_one_line) {
  RunRecord next = sample_run();
  next.cases[1].launches[0].counts.traffic.global_bytes_requested += 410;
  const Output output = compare(sample_run(), next, gates_);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(
      output.out.find("\nbytes>1% holds: attention_mma f16: bytes 20480 -> 20890 (+410, +2 %)\n"),
      std::string::npos)
      << output.out;
  EXPECT_EQ(output.out.find("launches>0 holds"), std::string::npos);
  EXPECT_EQ(compare(sample_run(), next, {"--fail-on", "bytes>3%"}).exit, Exit::held);
  EXPECT_EQ(compare(sample_run(), next).exit, Exit::held) << "no gate";
}

TEST_F(CompareCommand, a_new_failure_comes_with_its_replay_line) {
  RunRecord next = sample_run();
  next.cases[0].verdict = Verdict::fault;
  next.cases[0].findings = next.failures[1].shrunk.findings;
  const Output output = compare(sample_run(), next, gates_);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(output.out.find("agree -> fault  fault: Race on __shared__"), std::string::npos)
      << output.out;
  EXPECT_NE(output.out.find(replay_line(next.cases[0].which)), std::string::npos);
  EXPECT_NE(output.out.find("falsified>0 holds: attention_f32 f32: falsified 0 -> 1 (1 new)"),
            std::string::npos)
      << output.out;
}

TEST_F(CompareCommand, runs_without_a_common_case_are_exit_3_unless_a_gate_holds) {
  RunRecord base = sample_run();
  for (CaseResult& result : base.cases)
    std::get<Problem>(result.which.problem).seed += 1;
  EXPECT_EQ(compare(base, sample_run()).exit, Exit::nothing_judged);
  EXPECT_EQ(compare(RunRecord{}, RunRecord{}, gates_).exit, Exit::nothing_judged);
  EXPECT_EQ(compare(base, sample_run(), {"--fail-on", "falsified>0"}).exit, Exit::falsified);
}

TEST_F(CompareCommand, a_part_of_a_run_compares_with_the_whole) {
  RunRecord part = sample_run();
  part.cases.resize(2);
  const Output output = compare(sample_run(), part, gates_);
  EXPECT_EQ(output.exit, Exit::held);
  EXPECT_NE(output.out.find("2 common cases, 3 gone, 0 new"), std::string::npos) << output.out;
}

TEST_F(CompareCommand, markdown) {
  const Output output = compare(sample_run(), sample_run(), {"--md"});
  EXPECT_NE(output.out.find("| attention_mma f16 | SAME | 1 | 0 | 0 | 0 | 0.31 | 1 | 20480 |"),
            std::string::npos)
      << output.out;
}

TEST_F(CompareCommand, json_goes_to_a_file_beside_the_tables_or_to_stdout_alone) {
  RunRecord next = sample_run();
  next.cases[1].launches[0].counts.traffic.global_bytes_requested += 410;
  std::vector<std::string> flags = gates_;
  flags.insert(flags.end(), {"--json", folder_ / "compare.json"});
  const Output both = compare(sample_run(), next, flags);
  EXPECT_EQ(both.exit, Exit::falsified);
  EXPECT_NE(both.out.find("bytes>1% holds"), std::string::npos);
  flags.back() = "-";
  const Output alone = compare(sample_run(), next, flags);
  EXPECT_EQ(alone.exit, Exit::falsified);
  EXPECT_EQ(alone.out, read_file(folder_ / "compare.json"));
  EXPECT_EQ(alone.err, "bytes>1% holds: attention_mma f16: bytes 20480 -> 20890 (+410, +2 %)\n");
  const auto json = parse_json(alone.out, "compare").value();
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_EQ(json.at("gates").size(), 4U);
  EXPECT_EQ(json.at("gates")[2].at("holds"), true);
  EXPECT_EQ(json.at("gates")[0].at("holds"), false);
  flags.back() = "/dev/full";
  EXPECT_EQ(compare(sample_run(), sample_run(), flags).exit, Exit::could_not_judge);
}

TEST_F(CompareCommand, bad_input_is_one_line_and_exit_2) {
  ASSERT_TRUE(write_file(folder_ / "good.json", to_run_json(sample_run())));
  ASSERT_TRUE(write_file(folder_ / "newer.json", "{\"schema\": 2}"));
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {folder_ / "good.json"},
      {folder_ / "good.json", folder_ / "none.json"},
      {folder_ / "newer.json", folder_ / "good.json"},
      {folder_ / "good.json", folder_ / "good.json", "--fail-on", "time>1"},
      {folder_ / "good.json", folder_ / "good.json", "--fail-on", "launches"},
      {folder_ / "good.json", folder_ / "good.json", "extra"}};
  for (std::vector<std::string> arguments : wrong) {
    arguments.insert(arguments.begin(), "compare");
    const Output output = run(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input) << arguments.back();
    EXPECT_EQ(count_lines(output.err), 1) << output.err;
    EXPECT_EQ(output.out, "");
  }
}

}  // namespace
}  // namespace attest
