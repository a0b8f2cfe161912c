// Which exit code a run has.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/exit_code.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

RunRecord run_of(std::initializer_list<Verdict> verdicts) {
  RunRecord run;
  for (const Verdict verdict : verdicts) {
    CaseResult result;
    result.verdict = verdict;
    run.cases.push_back(result);
  }
  return run;
}

TEST(ExitCode, the_first_in_the_published_order_wins) {
  EXPECT_EQ(first_of({}), Exit::held);
  EXPECT_EQ(first_of({Exit::held, Exit::nothing_judged}), Exit::nothing_judged);
  EXPECT_EQ(first_of({Exit::nothing_judged, Exit::could_not_judge}), Exit::could_not_judge);
  EXPECT_EQ(first_of({Exit::could_not_judge, Exit::workers_died}), Exit::workers_died);
  EXPECT_EQ(first_of({Exit::workers_died, Exit::falsified}), Exit::falsified);
  EXPECT_EQ(first_of({Exit::falsified, Exit::bad_input}), Exit::bad_input);
  EXPECT_EQ(first_of({Exit::bad_input, Exit::internal}), Exit::internal);
  EXPECT_EQ(first_of({Exit::internal, Exit::interrupted}), Exit::interrupted);
}

TEST(ExitCode, of_a_run) {
  using enum Verdict;
  EXPECT_EQ(exit_of(run_of({agree, refused})), Exit::held);
  EXPECT_EQ(exit_of(run_of({agree, disagree})), Exit::falsified);
  EXPECT_EQ(exit_of(run_of({agree, fault, not_run})), Exit::falsified);
  EXPECT_EQ(exit_of(run_of({refused})), Exit::nothing_judged);
  EXPECT_EQ(exit_of(run_of({})), Exit::nothing_judged);
  EXPECT_EQ(exit_of(run_of({agree, not_run})), Exit::could_not_judge);
  EXPECT_EQ(exit_of(run_of({refused, not_run})), Exit::could_not_judge);
}

TEST(ExitCode, of_a_run_that_could_not_be_written_is_never_green) {
  using enum Verdict;
  for (const bool is_interrupted : {false, true}) {
    const auto cut_off = [is_interrupted](RunRecord run) {
      run.interrupted = is_interrupted;
      return exit_of_cut_off(run);
    };
    EXPECT_EQ(cut_off(run_of({})), Exit::could_not_judge);
    EXPECT_EQ(cut_off(run_of({agree})), Exit::could_not_judge);
    EXPECT_EQ(cut_off(run_of({agree, disagree, not_run})), Exit::falsified);
  }
}

TEST(ExitCode, an_interrupted_run_is_130_whatever_it_found) {
  RunRecord run = run_of({Verdict::agree, Verdict::disagree});
  run.interrupted = true;
  EXPECT_EQ(exit_of(run), Exit::interrupted);
  EXPECT_EQ(static_cast<int>(exit_of(run)), 130);
}

}  // namespace
}  // namespace attest
