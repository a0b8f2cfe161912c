// Command check: exit codes, what it writes, what it refuses.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace attest {
namespace {

Output check(std::vector<std::string> arguments, FakeAnswer answer) {
  arguments.insert(arguments.begin(), "check");
  return run(arguments, [answer] { return make_fake_executor(answer); });
}

RunRecord record_of(const std::string& folder) {
  auto run = parse_run_json(read_file(folder + "/run.json"), "run.json");
  EXPECT_TRUE(run.has_value()) << run.error().to_string();
  return run ? *run : RunRecord{};
}

TEST(Check, one_seed_is_one_record_whatever_the_threads) {
  const TemporaryFolder folder;
  std::string first;
  for (const char* jobs : {"1", "2", "3"}) {
    const Output output = check({"--cases", "12", "--seed", "5", "-j", jobs, "--out", folder / "r"},
                                FakeAnswer::poison);
    EXPECT_EQ(output.exit, Exit::falsified);
    RunRecord run = record_of(folder / "r");
    EXPECT_FALSE(run.failures.empty());
    run.env = {};
    if (first.empty()) first = to_run_json(run);
    EXPECT_EQ(to_run_json(run), first) << jobs;
  }
}

TEST(Check, a_finding_is_a_fault_with_its_shrunk_case_and_replay_line) {
  const TemporaryFolder folder;
  const Output output = check({"--kernel", "attention_f32", "--cases", "8", "--out", folder / "r"},
                              FakeAnswer::finding);
  EXPECT_EQ(output.exit, Exit::falsified);
  const RunRecord run = record_of(folder / "r");
  ASSERT_FALSE(run.failures.empty());
  for (const FailureRecord& failure : run.failures) {
    EXPECT_EQ(failure.shrunk.verdict, Verdict::fault);
    EXPECT_EQ(failure.shrunk.findings.at(0).party.site.line, 12);
    EXPECT_NE(output.out.find(replay_line(failure.shrunk.which)), std::string::npos);
  }
}

TEST(Check, an_executor_that_cannot_run_a_kernel_could_not_judge) {
  const TemporaryFolder folder;
  const Output output = check({"--cases", "4", "--out", folder / "r"}, FakeAnswer::error);
  EXPECT_EQ(output.exit, Exit::could_not_judge);
  EXPECT_NE(output.out.find("no such instruction"), std::string::npos) << output.out;
}

TEST(Check, longer_profiles_say_which_pairs_of_axis_values_they_met) {
  const TemporaryFolder folder;
  const auto shown = [&folder](const char* profile) {
    return check({"--profile",
                  profile,
                  "--kernel",
                  "attention_f32",
                  "--cases",
                  "3",
                  "--out",
                  folder / "r"},
                 FakeAnswer::poison)
        .out;
  };
  const std::string ci = shown("ci");
  EXPECT_EQ(ci.rfind("pairs of axis values\n  kernel ", 0), 0U) << ci;
  EXPECT_NE(ci.find(" more\n"), std::string::npos) << ci;
  EXPECT_EQ(shown("quick").find("pairs of axis values"), std::string::npos);
}

TEST(Check, a_selection_without_a_case_is_never_green) {
  const TemporaryFolder folder;
  const Output output = check(
      {"--kernel", "attention_mma", "--dtype", "f32", "--out", folder / "r"}, FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::nothing_judged) << output.out;
  EXPECT_NE(output.out.find("NOTHING JUDGED"), std::string::npos) << output.out;
}

TEST(Check, bad_input_is_one_line_and_exit_2_and_costs_no_report) {
  const TemporaryFolder folder;
  const std::string report = folder / "r";
  ASSERT_EQ(check({"--cases", "2", "--out", report}, FakeAnswer::poison).exit, Exit::falsified);
  const std::string before = read_file(report + "/run.json");
  const std::vector<std::vector<std::string>> wrong = {{"--kernel", "nosuch"},
                                                       {"--kernel", "zoo/nosuch"},
                                                       {"--property", "nosuch"},
                                                       {"--dtype", "f12"},
                                                       {"--profile", "fast"},
                                                       {"--cases", "0"},
                                                       {"--cases", "-3"},
                                                       {"--time-budget", "soon"},
                                                       {"--seed", "x"},
                                                       {"-j", "0"},
                                                       {"--arch", "sm_1"},
                                                       {"--schedule", "x"},
                                                       {"--mma", "quick"},
                                                       {"--approx", "nearest"},
                                                       {"--contract", "yes"},
                                                       {"--checks", "some"},
                                                       {"--device", "tpu"},
                                                       {"--nosuch"},
                                                       {"extra"},
                                                       {"--json", "/proc/nosuch/run.json"},
                                                       {"--out", "/proc/nosuch"}};
  for (std::vector<std::string> arguments : wrong) {
    const std::string what = arguments.front() + " " + arguments.back();
    if (arguments.front() != "--out") {
      arguments.push_back("--out");
      arguments.push_back(report);
    }
    const Output output = check(arguments, FakeAnswer::poison);
    EXPECT_EQ(output.exit, Exit::bad_input) << what;
    EXPECT_EQ(count_lines(output.err), 1) << what << ": " << output.err;
    EXPECT_EQ(output.out, "") << what;
  }
  EXPECT_EQ(read_file(report + "/run.json"), before);
  EXPECT_FALSE(std::filesystem::exists(report + ".old"));
}

TEST(Check, a_pattern_that_matches_no_name_is_answered_with_close_names) {
  const Output output = check({"--kernel", "attention_f23"}, FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::bad_input);
  EXPECT_NE(output.err.find("--kernel: no kernel 'attention_f23'; close: attention_f32"),
            std::string::npos)
      << output.err;
}

TEST(Check, cuda_is_refused_before_anything_is_touched) {
  const TemporaryFolder folder;
  const Output output = check({"--device", "cuda", "--out", folder / "r"}, FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::nothing_judged);
  EXPECT_EQ(count_lines(output.err), 1) << output.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "r"));
}

TEST(Check, json_on_stdout_is_the_record_alone) {
  const TemporaryFolder folder;
  const Output output =
      check({"--cases", "3", "--json", "-", "--out", folder / "r"}, FakeAnswer::poison);
  EXPECT_EQ(output.out, read_file(folder / "r/run.json"));
  const Output file = check({"--cases", "3", "--json", folder / "copy.json", "--out", folder / "r"},
                            FakeAnswer::poison);
  EXPECT_EQ(read_file(folder / "copy.json"), read_file(folder / "r/run.json"));
}

TEST(Check, a_time_budget_ends_the_run_without_a_new_case) {
  const TemporaryFolder folder;
  const Output output =
      check({"--cases", "20000", "--time-budget", "1s", "-j", "1", "--out", folder / "r"},
            FakeAnswer::poison);
  EXPECT_EQ(output.exit, Exit::falsified);
  const RunRecord run = record_of(folder / "r");
  EXPECT_FALSE(run.interrupted);
  EXPECT_LT(static_cast<std::int64_t>(run.cases.size()), run.planned);
}

}  // namespace
}  // namespace attest
