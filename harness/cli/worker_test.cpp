// Command worker: what it says to questions that are none.
// SPDX-License-Identifier: Apache-2.0
#include "harness/process/worker.h"

#include "harness/cli/case_worker.h"
#include "harness/cli/testing.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

constexpr std::int64_t kMinute = 60'000;

Worker start() {
  WorkerOptions options;
  options.command = {ATTEST_PROGRAM, "worker"};
  auto worker = Worker::start(options);
  EXPECT_TRUE(worker) << worker.error().to_string();
  return std::move(worker).value();
}

TEST(WorkerCommand, JudgesCaseAfterCase) {
  Worker worker = start();
  Case which;
  which.problem = parse_any("attn(sq=5,dtype=f32)").value();
  which.kernel = "attention_f32";
  which.property = "agrees_with_reference";
  for (int turn = 0; turn < 2; ++turn) {
    auto answer = worker.ask(case_question(which), kMinute);
    ASSERT_TRUE(answer) << answer.error().to_string();
    const CaseAnswer judged = read_case_answer(*answer);
    EXPECT_EQ(judged.result.verdict, Verdict::agree) << judged.result.reason;
    EXPECT_EQ(judged.result.which, which);
  }
}

TEST(WorkerCommand, AnswersWhatIsNoQuestionAndGoesOn) {
  Worker worker = start();
  for (const char* text : {"", "{", "[]", "{\"case\":\"attn()\"}"}) {
    auto answer = worker.ask({text, {}}, kMinute);
    ASSERT_TRUE(answer) << text << answer.error().to_string();
    EXPECT_NE(answer->text.find("question"), std::string::npos) << answer->text;
  }
  Case which;
  which.problem = parse_any("attn(sq=5)").value();
  which.kernel = "no_such_kernel";
  auto answer = worker.ask(case_question(which), kMinute);
  ASSERT_TRUE(answer);
  EXPECT_EQ(read_case_answer(*answer).result.verdict, Verdict::not_run);
}

}  // namespace
}  // namespace attest
