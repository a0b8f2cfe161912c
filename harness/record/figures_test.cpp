// Figures of a run against numbers on paper.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/figures.h"

#include "harness/record/run_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

CaseResult agreeing(const char* problem, double ratio, const ErrorSums& errors) {
  CaseResult result;
  result.which.problem = parse_problem(problem).value();
  result.which.kernel = "attention_mma";
  result.which.property = "agrees_with_reference";
  result.verdict = Verdict::agree;
  result.ratio_o = ratio;
  result.errors = errors;
  return result;
}

ErrorSums sums(std::int64_t elements, double squares, double sign, double worst, double unfused) {
  ErrorSums out;
  out.elements = elements;
  out.ratio_squares = squares;
  out.ratio_signed = sign;
  out.bound_squares = 4;
  out.value_squares = 100;
  out.value_max = 1;
  out.error_max = worst;
  out.unfused_max = unfused;
  return out;
}

TEST(Figures, AreSumsOverTheElementsOfAllCases) {
  RunRecord run;
  run.cases.push_back(agreeing("attn(sq=1)", 0.5, sums(10, 1, -2, 0.01, 0.02)));
  run.cases.push_back(agreeing("attn(sq=2)", 0.75, sums(30, 1.5, 6, 0.06, 0.02)));
  run.cases.back().ratio_likely = 0.25;
  const auto all = figures(run);
  ASSERT_EQ(all.size(), 1U);
  const Figures& f = all.front();
  EXPECT_EQ(f.kernel, "attention_mma");
  EXPECT_EQ(f.cases, 2);
  EXPECT_EQ(f.elements, 40);
  EXPECT_EQ(f.ratio_max, 0.75);
  EXPECT_EQ(f.ratio_rms, 0.25);
  EXPECT_EQ(f.bias, 0.1);
  EXPECT_EQ(f.bound_over_o, std::sqrt(8.0 / 200.0));
  EXPECT_EQ(f.likely_max, 0.25);
  EXPECT_EQ(f.unfused_max, 0.06 / 0.02);
  EXPECT_EQ(f.conclusive, 2);
  EXPECT_EQ(f.above_twice, 1);
  EXPECT_EQ(f.inconclusive, 0);
}

TEST(Figures, AnUnfusedErrorAboveATenthSaysNothing) {
  RunRecord run;
  run.cases.push_back(agreeing("attn(sq=1)", 0.5, sums(10, 1, 0, 0.5, 0.125)));
  run.cases.push_back(
      agreeing("attn(sq=2)", 0.5, sums(10, 1, 0, 0.5, std::numeric_limits<double>::infinity())));
  run.cases.push_back(
      agreeing("attn(sq=3)", 0.5, sums(10, 1, 0, 0.5, std::numeric_limits<double>::quiet_NaN())));
  const Figures f = figures(run).front();
  EXPECT_EQ(f.inconclusive, 3);
  EXPECT_EQ(f.conclusive, 0);
  EXPECT_EQ(f.unfused_max, 0);
}

TEST(Figures, AnUnfusedAnswerThatIsRightByChanceIsOffByOneRounding) {
  RunRecord run;
  run.cases.push_back(agreeing("attn(sq=1)", 0.5, sums(10, 1, 0, 0x1p-11, 0)));
  Figures f = figures(run).front();
  EXPECT_EQ(f.conclusive, 1);
  EXPECT_EQ(f.above_twice, 0);
  EXPECT_EQ(f.unfused_max, 1);
  run.cases.front().errors->error_max = 0x1.2p-10;
  EXPECT_EQ(figures(run).front().above_twice, 1);
}

TEST(Figures, LeaveOutFailuresAndWhatWasNotHeldAgainstTheReference) {
  RunRecord run;
  run.cases.push_back(agreeing("attn(sq=1)", 7, sums(10, 1, 0, 1, 1)));
  run.cases.back().verdict = Verdict::disagree;
  run.cases.push_back(agreeing("attn(sq=2)", 0.5, {}));
  run.cases.back().errors.reset();
  EXPECT_TRUE(figures(run).empty());
  run.cases.push_back(agreeing("attn(sq=0)", 0, {}));
  const Figures f = figures(run).front();
  EXPECT_EQ(f.cases, 1);
  EXPECT_EQ(f.elements, 0);
  EXPECT_EQ(f.ratio_rms, 0);
}

TEST(Figures, AreOfOneKernelAndDtypeEach) {
  RunRecord run;
  run.cases.push_back(agreeing("attn(sq=1,dtype=bf16)", 0.5, sums(1, 1, 1, 1, 1)));
  run.cases.push_back(agreeing("attn(sq=1)", 0.5, sums(1, 1, 1, 1, 1)));
  run.cases.push_back(agreeing("attn(sq=1)", 0.5, sums(1, 1, 1, 1, 1)));
  run.cases.back().which.kernel = "another";
  const auto all = figures(run);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].kernel, "another");
  EXPECT_EQ(all[1].dtype, Dtype::f16);
  EXPECT_EQ(all[2].dtype, Dtype::bf16);
}

/// What a journal or a merge has read is the same to the last bit.
TEST(Figures, SurviveTheRecord) {
  RunRecord run;
  run.profile = "quick";
  run.cases.push_back(agreeing("attn(sq=1)", 1.0 / 3, sums(7, 1.0 / 7, -1.0 / 9, 1e-3 / 3, 1e-3)));
  run.cases.back().known = "an issue";
  const auto read = parse_run_json(to_run_json(run), "run.json");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  EXPECT_EQ(read->cases.front().errors, run.cases.front().errors);
  EXPECT_EQ(read->cases.front().known, "an issue");
  EXPECT_EQ(to_run_json(*read), to_run_json(run));
}

}  // namespace
}  // namespace attest
