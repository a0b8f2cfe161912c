// Command replay: one case, by its text or its id.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

Output replay(std::vector<std::string> arguments, FakeAnswer answer) {
  arguments.insert(arguments.begin(), "replay");
  return run(arguments, [answer] { return make_fake_executor(answer); });
}

const std::vector<std::string> kOn = {
    "--kernel", "attention_f32", "--property", "agrees_with_reference"};

std::vector<std::string> with(const std::string& problem, std::vector<std::string> more = kOn) {
  more.insert(more.begin(), problem);
  return more;
}

TEST(Replay, a_case_that_fails_is_exit_1_with_the_diagnosis) {
  const Output output = replay(with("attn(sq=5,dtype=f32)"), FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_EQ(output.out.find("DISAGREE"), 0U) << output.out;
  EXPECT_NE(output.out.find("0xffffffff"), std::string::npos) << "the poison's bits\n"
                                                              << output.out;
  EXPECT_NE(output.out.find("attest replay 'attn(sq=5,dtype=f32)' --kernel attention_f32"),
            std::string::npos);
}

TEST(Replay, flags_of_the_mode_are_part_of_the_case) {
  const Output output = replay(with("attn(sq=5,dtype=f32)",
                                    {"--kernel",
                                     "attention_f32",
                                     "--property",
                                     "agrees_with_reference",
                                     "--arch",
                                     "sm_90",
                                     "--schedule",
                                     "7",
                                     "--mma",
                                     "fast",
                                     "--approx",
                                     "low",
                                     "--contract",
                                     "on"}),
                               FakeAnswer::finding);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(output.out.find("--arch sm_90 --schedule 7 --mma fast --approx low --contract on"),
            std::string::npos)
      << output.out;
  EXPECT_NE(output.out.find("arch sm_90, schedule 7, mma fast, approx low, contract on"),
            std::string::npos)
      << output.out;
}

TEST(Replay, a_refused_case_judges_nothing_and_one_that_cannot_run_could_not) {
  const Output refused = replay(with("attn(sq=5,dtype=f16)"), FakeAnswer::poison);
  EXPECT_EQ(refused.exit, Exit::nothing_judged) << refused.out;
  EXPECT_EQ(refused.out.find("REFUSED"), 0U) << refused.out;
  EXPECT_EQ(replay(with("attn(sq=5,dtype=f32)"), FakeAnswer::error).exit, Exit::could_not_judge);
}

TEST(Replay, bad_input_is_one_line_and_exit_2) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      with("attn(sq=5,colour=red)"),
      with("attn(sq=-5)"),
      with("attn(sq=5"),
      with("attn(sq=5)x"),
      with("nonsense"),
      {"attn(sq=5)"},
      {"attn(sq=5)", "--kernel", "attention_f32"},
      with("attn(sq=5)", {"--kernel", "nosuch", "--property", "agrees_with_reference"}),
      with("attn(sq=5)", {"--kernel", "attention_*", "--property", "agrees_with_reference"}),
      with("attn(sq=5)", {"--kernel", "attention_f32", "--property", "nosuch"}),
      with("attn(sq=5)", {"--mma", "quick"}),
      with("attn(sq=5)", {"--approx", "nearest"}),
      with("attn(sq=5)", {"--contract", "yes"}),
      {"0123abcd", "--from", "/nowhere"}};
  for (const auto& arguments : wrong) {
    const Output output = replay(arguments, FakeAnswer::poison);
    const std::string what = arguments.empty() ? "nothing" : arguments.front();
    EXPECT_EQ(output.exit, Exit::bad_input) << what;
    EXPECT_EQ(count_lines(output.err), 1) << what << ": " << output.err;
    EXPECT_EQ(output.out, "") << what;
  }
}

TEST(Replay, takes_the_id_of_a_failure_in_a_report_folder) {
  const TemporaryFolder folder;
  const Output checked =
      run({"check", "--kernel", "attention_f32", "--cases", "4", "--out", folder / "r"},
          [] { return make_fake_executor(FakeAnswer::poison); });
  ASSERT_EQ(checked.exit, Exit::falsified);
  const RunRecord recorded = parse_run_json(read_file(folder / "r/run.json"), "r").value();
  ASSERT_FALSE(recorded.failures.empty());
  const Case& wanted = recorded.failures.front().shrunk.which;
  const Output output = replay({id(wanted), "--from", folder / "r"}, FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(output.out.find(replay_line(wanted)), std::string::npos) << output.out;
  EXPECT_EQ(replay({"00000000", "--from", folder / "r"}, FakeAnswer::poison).exit, Exit::bad_input);
}

}  // namespace
}  // namespace attest
