// Runs that are cut off, by the end of the program or of a worker, and what comes of them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace attest {
namespace {

RunRecord record_of(const std::string& folder) {
  auto record = parse_run_json(read_file(folder + "/run.json"), folder);
  EXPECT_TRUE(record) << record.error().to_string();
  return record ? *record : RunRecord{};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Output poisoned(const std::vector<std::string>& arguments) {
  return run(arguments, [] { return make_fake_executor(FakeAnswer::poison); });
}

TEST(Resume, GoesOnFromWhereverTheJournalWasCut) {
  const TemporaryFolder folder;
  const std::string report = folder / "r";
  const std::vector<std::string> check = {
      "check", "--cases", "12", "--kernel", "attention_f32", "-j", "2", "--out", report};
  EXPECT_EQ(poisoned(check).exit, Exit::falsified);
  const std::string whole = run_without_env(report);
  const std::string journal = read_file(report + "/events.ndjson");
  const std::size_t first_line = journal.find('\n') + 1;
  for (std::size_t bytes = first_line; bytes < journal.size(); bytes += journal.size() / 12) {
    SCOPED_TRACE(bytes);
    write(report + "/events.ndjson", journal.substr(0, bytes));
    std::filesystem::remove(report + "/run.json");
    const Output output = poisoned({"check", "--resume", report, "-j", "1"});
    EXPECT_EQ(output.exit, Exit::falsified) << output.err;
    EXPECT_EQ(run_without_env(report), whole);
  }
}

TEST(Resume, SaysWhichCasesWereBegunTwice) {
  const TemporaryFolder folder;
  const std::string report = folder / "r";
  poisoned({"check", "--cases", "6", "-j", "1", "--out", report});
  const std::string journal = read_file(report + "/events.ndjson");
  const std::size_t result = journal.find("{\"t\":\"result\",\"n\":2");
  ASSERT_NE(result, std::string::npos);
  write(report + "/events.ndjson", journal.substr(0, result + 9));
  poisoned({"check", "--resume", report});
  const RunRecord record = record_of(report);
  ASSERT_GT(record.cases.size(), 2U);
  EXPECT_EQ(record.env.retried, (std::vector<std::string>{id(record.cases[2].which)}));
  // What had a result was not begun again.
  std::size_t begun = 0;
  const std::string after = read_file(report + "/events.ndjson");
  for (std::size_t at = 0; (at = after.find("{\"t\":\"start\"", at)) != std::string::npos; ++at)
    ++begun;
  EXPECT_EQ(begun, record.cases.size() + 1);
}

TEST(Resume, RefusesWhatIsNoRunOfThisProgram) {
  const TemporaryFolder folder;
  const std::string report = folder / "r";
  const auto refused = [&](const std::vector<std::string>& arguments, const std::string& text) {
    const Output output = poisoned(arguments);
    EXPECT_EQ(output.exit, Exit::bad_input);
    EXPECT_EQ(count_lines(output.err.substr(output.err.rfind("attest: "))), 1) << output.err;
    EXPECT_NE(output.err.find(text), std::string::npos) << output.err;
  };
  refused({"check", "--resume", folder / "nowhere"}, "cannot be read");
  poisoned({"check", "--cases", "6", "--out", report});
  refused({"check", "--resume", report, "--seed", "1"}, "");
  refused({"check", "--resume", report, "--cases", "7"}, "other cases or kernels");
  write(report + "/events.ndjson", "");
  refused({"check", "--resume", report}, "holds no run");
  EXPECT_EQ(run({"count", "layer(s=9,d=8)", "--out", folder / "c"}).exit, Exit::held);
  refused({"check", "--resume", folder / "c"}, "not the run of a check");
}

Output with_worker(const std::string& deed, const std::vector<std::string>& arguments) {
  return run_with_worker(arguments, {ATTEST_TEST_WORKER, deed});
}

TEST(Workers, JudgeAsThisProcessDoes) {
  const TemporaryFolder folder;
  const std::vector<std::string> check = {
      "check", "--cases", "24", "--seed", "4", "--kernel", "attention_f32", "--out", folder / "r"};
  EXPECT_EQ(run(check).exit, Exit::held);
  const std::string here = run_without_env(folder / "r");
  EXPECT_EQ(with_worker("judge", check).exit, Exit::held);
  EXPECT_EQ(run_without_env(folder / "r"), here);
}

TEST(Workers, AKernelThatAlwaysKillsItsWorkerIsOneFaultAndNoLoop) {
  const TemporaryFolder folder;
  const Output output = with_worker("die",
                                    {"check",
                                     "--cases",
                                     "12",
                                     "--kernel",
                                     "attention_f32",
                                     "--kernel",
                                     "attention_mma",
                                     "--out",
                                     folder / "r"});
  EXPECT_EQ(output.exit, Exit::workers_died) << output.out;
  const RunRecord record = record_of(folder / "r");
  ASSERT_EQ(record.failures.size(), 1U);
  EXPECT_EQ(record.failures[0].shrunk.which.kernel, "attention_f32");
  const Finding& finding = record.failures[0].shrunk.findings.at(0);
  EXPECT_EQ(finding.kind, FindingKind::crash);
  EXPECT_NE(finding.message.find("SIGSEGV"), std::string::npos) << finding.message;
  std::int64_t faults = 0;
  for (const CaseResult& result : record.cases) {
    const bool is_killer = result.which.kernel == "attention_f32";
    if (result.verdict == Verdict::fault) ++faults;
    EXPECT_TRUE(is_killer || result.verdict != Verdict::fault) << result.reason;
  }
  EXPECT_EQ(record.failures[0].seen, faults);
  EXPECT_GT(faults, 1);
}

TEST(Workers, AWorkerThatDiesOnceIsReplacedAndTheCaseIsNamed) {
  const TemporaryFolder folder;
  const std::string mark = folder / "died";
  const Output output = with_worker(
      "die-once=" + mark,
      {"check", "--cases", "6", "-j", "1", "--kernel", "attention_f32", "--out", folder / "r"});
  EXPECT_EQ(output.exit, Exit::held) << output.out;
  const RunRecord record = record_of(folder / "r");
  EXPECT_EQ(record.env.retried, (std::vector<std::string>{id(record.cases[0].which)}));
}

TEST(Workers, AWorkerThatNeverAnswersIsAFault) {
  const TemporaryFolder folder;
  const Output output = with_worker("hang",
                                    {"check",
                                     "--cases",
                                     "1",
                                     "--kernel",
                                     "attention_f32",
                                     "--case-timeout",
                                     "1s",
                                     "--out",
                                     folder / "r"});
  EXPECT_EQ(output.exit, Exit::workers_died) << output.out;
  const RunRecord record = record_of(folder / "r");
  EXPECT_EQ(record.cases.at(0).findings.at(0).kind, FindingKind::timeout);
}

TEST(Workers, TheirInternalErrorsAreNotFaultsOfTheKernel) {
  const TemporaryFolder folder;
  const Output output = with_worker(
      "throw", {"check", "--cases", "2", "--kernel", "attention_f32", "--out", folder / "r"});
  EXPECT_EQ(output.exit, Exit::internal) << output.err;
  EXPECT_NE(output.err.find("internal error"), std::string::npos) << output.err;
}

}  // namespace
}  // namespace attest
