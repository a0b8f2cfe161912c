// Expectations of a law: they agree with judge(), add up, and catch what is off.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/expected.h"

#include "harness/judge/element.h"
#include "harness/judge/flash_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace attest {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Scene {
  Problem problem;
  ReferenceTerms terms;
  Expected expected;
  Outputs outputs;  // the terms, rounded

  explicit Scene(const std::string& text) : problem(parse_problem(text).value()) {
    terms = plain_terms(problem, draw_inputs(problem));
    expected = expected_of(problem, terms, Arithmetic{}, "sm_80");
    outputs.o = poisoned_tensor(tensor_layout(problem, Tensor::o));
    std::size_t e = 0;
    for (std::int64_t i = 0; i < problem.seq_q; ++i)
      for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
        outputs.o.set_bits(0, 0, i, d, encode(problem.dtype, terms.o[e++]));
    for (const double lse : terms.lse)
      outputs.lse.push_back(static_cast<float>(lse));
  }
};

const char* const kProblem = "attn(sq=3,skv=5,d=8,mask=causal-tl&padding(5),seed=4)";

TEST(Expected, OfTheReferenceIsWhatTheJudgeHoldsOutputsTo) {
  Scene scene(kProblem);
  scene.outputs.lse[1] += 3e-7F;
  const Judgement by_terms =
      judge(scene.problem, scene.outputs, scene.terms, Arithmetic{}, "sm_80");
  const Judgement by_law = judge_expected(scene.problem, scene.outputs, scene.expected);
  EXPECT_EQ(by_law.verdict, Verdict::agree);
  EXPECT_GT(by_law.ratio_lse, 0);
  EXPECT_EQ(by_law.ratio_o, by_terms.ratio_o);
  EXPECT_EQ(by_law.ratio_lse, by_terms.ratio_lse);
}

TEST(Expected, AnElementThatIsOffIsCaughtAndNamed) {
  Scene scene(kProblem);
  scene.outputs.o.set_bits(0, 0, 2, 7, encode(Dtype::f16, 100));
  const Judgement judgement = judge_expected(scene.problem, scene.outputs, scene.expected);
  ASSERT_EQ(judgement.verdict, Verdict::disagree);
  EXPECT_EQ(judgement.divergence->tier, Tier::bound);
  EXPECT_EQ(judgement.divergence->index, (std::array<std::int64_t, 4>{0, 0, 2, 7}));
}

TEST(Expected, EmptyRowsAreExact) {
  Scene scene("attn(sq=3,skv=5,d=8,mask=padding(0))");
  EXPECT_EQ(judge_expected(scene.problem, scene.outputs, scene.expected).verdict, Verdict::agree);
  scene.outputs.o.set_bits(0, 0, 0, 0, 0x8000);  // -0
  EXPECT_EQ(judge_expected(scene.problem, scene.outputs, scene.expected).divergence->tier,
            Tier::exact);
}

TEST(Expected, OfAnotherAnswerHasItsValuesAndBothBounds) {
  Scene scene(kProblem);
  scene.outputs.lse[0] = 7;
  const Expected another =
      expected_of(scene.problem, scene.outputs, scene.expected, scene.expected);
  EXPECT_EQ(another.lse[0].value, 7);
  EXPECT_EQ(another.o[3].value, scene.outputs.o.value(0, 0, 0, 3));
  EXPECT_EQ(another.o[3].bound.total, 2 * scene.expected.o[3].bound.total);
  EXPECT_EQ(another.o[3].bound.before_rounding(), 2 * scene.expected.o[3].bound.before_rounding());
  EXPECT_EQ(judge_expected(scene.problem, scene.outputs, another).ratio_o, 0);
}

/// One answer rounds to Inf, the other one to the largest value: both may be right.
TEST(Expected, AnInfiniteAnswerStandsForTheThreshold) {
  Scene scene(kProblem);
  scene.outputs.o.set_bits(0, 0, 0, 0, encode(Dtype::f16, static_cast<double>(-kInf)));
  const Expected another =
      expected_of(scene.problem, scene.outputs, scene.expected, scene.expected);
  EXPECT_EQ(another.o[0].value, -overflow_threshold(Dtype::f16));
  Outputs other = scene.outputs;
  other.o.set_bits(0, 0, 0, 0, encode(Dtype::f16, -65504));
  EXPECT_EQ(judge_expected(scene.problem, other, another).verdict, Verdict::agree);
  other.o.set_bits(0, 0, 0, 0, encode(Dtype::f16, 65504));
  EXPECT_EQ(judge_expected(scene.problem, other, another).verdict, Verdict::disagree);
}

TEST(Expected, OfTheOutputsThemselvesOnlyNaNDisagrees) {
  Scene scene("attn(sq=2,skv=5,d=8,mask=causal-br&padding(1))");
  scene.outputs.o.set_bits(0, 0, 1, 0, encode(Dtype::f16, static_cast<double>(kInf)));
  const auto verdict = [&scene] {
    const Expected same = expected_of(scene.problem, scene.outputs);
    return judge_expected(scene.problem, scene.outputs, same).verdict;
  };
  EXPECT_EQ(verdict(), Verdict::agree);
  scene.outputs.o.set_bits(0, 0, 1, 1, 0x7fff);
  EXPECT_EQ(verdict(), Verdict::disagree);
}

TEST(Expected, NaNInTheAnswerIsNeverAgreedWith) {
  Scene scene(kProblem);
  scene.outputs.lse[2] = std::nanf("");
  const Expected another =
      expected_of(scene.problem, scene.outputs, scene.expected, scene.expected);
  EXPECT_EQ(judge_expected(scene.problem, scene.outputs, another).verdict, Verdict::disagree);
}

}  // namespace
}  // namespace attest
