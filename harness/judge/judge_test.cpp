// Ways in which checkers have been fooled, each held against the judge.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"

#include "harness/judge/bound.h"
#include "harness/judge/flash_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace attest {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// A problem, its terms, and the reference rounded to the dtype as the kernel's answer.
struct Scene {
  Problem problem;
  ReferenceTerms terms;
  Outputs outputs;

  explicit Scene(const std::string& text) {
    Result<Problem> parsed = parse_problem(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    problem = parsed.value();
    terms = plain_terms(problem, draw_inputs(problem));
    outputs.o = poisoned_tensor(tensor_layout(problem, Tensor::o));
    std::size_t element = 0;
    for (std::int64_t b = 0; b < problem.batch; ++b)
      for (std::int64_t h = 0; h < problem.heads_q; ++h)
        for (std::int64_t i = 0; i < problem.seq_q; ++i)
          for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
            outputs.o.set_bits(b, h, i, d, encode(problem.dtype, terms.o[element++]));
    for (const double lse : terms.lse)
      outputs.lse.push_back(static_cast<float>(lse));
  }
  [[nodiscard]] Judgement judged() const {
    return judge(problem, outputs, terms, Arithmetic{}, "sm_80");
  }
  void set(std::int64_t row, std::int64_t column, double value) {
    outputs.o.set_bits(0, 0, row, column, encode(problem.dtype, value));
  }
};

const char* const kPlain = "attn(sq=6,skv=20,d=8,dtype=f16)";
const char* const kEmptyRows =
    "attn(sq=6,skv=3,d=8,dtype=f16,mask=causal-br)";  // rows 0..2 are empty

void expect_disagree(const Judgement& judgement, Tier tier, const char* tensor) {
  EXPECT_EQ(judgement.verdict, Verdict::disagree);
  ASSERT_TRUE(judgement.divergence.has_value());
  EXPECT_EQ(name(judgement.divergence->tier), name(tier));
  EXPECT_EQ(judgement.divergence->tensor, tensor);
  EXPECT_GT(tensor == std::string("o") ? judgement.ratio_o : judgement.ratio_lse, 1);
}

TEST(Judge, TheRoundedReferenceAgreesWithRoomToSpare) {
  for (const char* text : {kPlain,
                           kEmptyRows,
                           "attn(b=2,hq=2,sq=3,skv=70,d=16,dtype=f32)",
                           "attn(sq=3,skv=9,d=8,dtype=bf16,data=near-overflow)"}) {
    const Judgement judgement = Scene(text).judged();
    EXPECT_EQ(judgement.verdict, Verdict::agree) << text;
    EXPECT_FALSE(judgement.divergence.has_value());
    EXPECT_LT(judgement.ratio_o, 1) << text;
    EXPECT_LT(judgement.ratio_lse, 1) << text;
    EXPECT_GT(judgement.ratio_o, 0) << "rounding leaves an error";
  }
}

TEST(Judge, TheLargestErrorHasAPlaceWhetherItIsWrongOrNot) {
  Scene scene(kPlain);
  const Judgement before = scene.judged();
  ASSERT_TRUE(before.worst_o.has_value());
  scene.set(4, 3, kNan);
  EXPECT_EQ(scene.judged().worst_o, (std::array<std::int64_t, 4>{0, 0, 4, 3}));
  scene.set(2, 5, kNan);
  EXPECT_EQ(scene.judged().worst_o, (std::array<std::int64_t, 4>{0, 0, 2, 5})) << "the first one";
  EXPECT_FALSE(Scene("attn(sq=2,skv=1,d=8,dtype=f16)").judged().worst_o.has_value()) << "no error";
}

TEST(Judge, AnExactAnswerHasRatioZero) {
  const Judgement judgement = Scene("attn(sq=2,skv=1,d=8,dtype=f16)").judged();  // one key: O = v
  EXPECT_EQ(judgement.ratio_o, 0);
  EXPECT_EQ(judgement.verdict, Verdict::agree);
}

TEST(Judge, NanInTheOutput) {
  Scene scene(kPlain);
  scene.set(4, 3, kNan);
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::classes, "o");
  EXPECT_EQ(judgement.divergence->index, (std::array<std::int64_t, 4>{0, 0, 4, 3}));
  EXPECT_EQ(judgement.divergence->pattern, "row 4, column 3 only");
  EXPECT_EQ(judgement.divergence->wrong, 1);
  EXPECT_EQ(judgement.divergence->total, 48);
  EXPECT_TRUE(std::isinf(judgement.ratio_o));
}

TEST(Judge, NanInTheReferenceOnly) {
  Scene scene(kPlain);
  scene.terms.o[5] = kNan;
  expect_disagree(scene.judged(), Tier::classes, "o");
}

TEST(Judge, NanOnBothSidesIsNotAgreement) {
  Scene scene(kPlain);
  scene.terms.o[5] = kNan;
  scene.set(0, 5, kNan);
  expect_disagree(scene.judged(), Tier::classes, "o");
}

TEST(Judge, NanInATermMakesTheBoundUnusable) {
  Scene scene(kPlain);
  scene.terms.products_spread[5] = kNan;
  expect_disagree(scene.judged(), Tier::bound, "o");
}

TEST(Judge, NanInTheLse) {
  Scene scene(kPlain);
  scene.outputs.lse[2] = std::numeric_limits<float>::quiet_NaN();
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::classes, "lse");
  EXPECT_LT(judgement.ratio_o, 1);
}

TEST(Judge, TooFewElements) {
  Scene scene(kPlain);
  scene.outputs.o.bytes.pop_back();
  expect_disagree(scene.judged(), Tier::count, "o");
  Scene rows(kPlain);
  rows.outputs.lse.pop_back();
  expect_disagree(rows.judged(), Tier::count, "lse");
  Scene nothing(kPlain);
  nothing.outputs = Outputs{};
  expect_disagree(nothing.judged(), Tier::count, "o");
}

TEST(Judge, AnotherShapeOfTheSameSize) {
  Scene scene(kPlain);
  std::swap(scene.outputs.o.layout.shape[2], scene.outputs.o.layout.shape[3]);
  expect_disagree(scene.judged(), Tier::count, "o");
}

TEST(Judge, AllZeros) {
  Scene scene(kPlain);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t d = 0; d < 8; ++d)
      scene.set(i, d, 0);
  expect_disagree(scene.judged(), Tier::bound, "o");
}

TEST(Judge, PoisonThatNobodyOverwrote) {
  Scene scene(kPlain);
  scene.outputs.o = poisoned_tensor(tensor_layout(scene.problem, Tensor::o));
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::classes, "o");
  EXPECT_EQ(judgement.divergence->wrong, 48);
  EXPECT_EQ(judgement.divergence->pattern, "all elements");
}

TEST(Judge, InfinityForAnOrdinaryValue) {
  for (const double inf : {kInf, -kInf}) {
    Scene scene(kPlain);
    scene.set(1, 1, inf);
    expect_disagree(scene.judged(), Tier::classes, "o");
  }
}

// One key with v = 65504: a kernel's value may pass 65520 by its error only if the bound reaches
// it.
TEST(Judge, InfinityAndTheLargestValueAtTheOverflowThreshold) {
  Scene scene("attn(sq=1,skv=2,d=8,dtype=f16)");
  const double largest = largest_finite(Dtype::f16);
  for (auto* term : {&scene.terms.o, &scene.terms.weighted_abs_v, &scene.terms.abs_v_max})
    (*term)[0] = largest;
  scene.set(0, 0, largest);
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  scene.set(0, 0, kInf);
  // f32 accumulation reaches a few parts in 10^7 of 65504, the threshold is 16 away.
  expect_disagree(scene.judged(), Tier::classes, "o");
  Arithmetic rounded;
  rounded.probability = Dtype::f16;  // u_P alone moves it by 32
  EXPECT_EQ(judge(scene.problem, scene.outputs, scene.terms, rounded, "sm_80").verdict,
            Verdict::agree);
  scene.set(0, 0, -kInf);
  expect_disagree(
      judge(scene.problem, scene.outputs, scene.terms, rounded, "sm_80"), Tier::classes, "o");
}

TEST(Judge, EmptyRowsAreExact) {
  Scene scene(kEmptyRows);
  scene.set(1, 2, -0.0);
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::exact, "o");
  EXPECT_EQ(judgement.divergence->got_bits, 0x8000U);
  EXPECT_EQ(judgement.divergence->want_bits, 0U);
  Scene tiny(kEmptyRows);
  tiny.set(0, 0, smallest_subnormal(Dtype::f16));
  expect_disagree(tiny.judged(), Tier::exact, "o");
  Scene lse(kEmptyRows);
  lse.outputs.lse[2] = -1e30F;
  expect_disagree(lse.judged(), Tier::classes, "lse");
  Scene nan(kEmptyRows);
  nan.set(0, 0, kNan);
  expect_disagree(nan.judged(), Tier::classes, "o");
}

TEST(Judge, MinusInfinityIsWrongForARowWithKeys) {
  Scene scene(kPlain);
  scene.outputs.lse[0] = -std::numeric_limits<float>::infinity();
  expect_disagree(scene.judged(), Tier::classes, "lse");
}

// The edge: bound itself is accepted, the next number beyond it is not.
TEST(Judge, OneStepBeyondTheBound) {
  Scene scene("attn(sq=1,skv=20,d=8,dtype=f32)");
  const Bound bound(scene.problem, Arithmetic{}, "sm_80");
  const double limit = bound.output(scene.terms, bound.row(scene.terms, 0), 0).total;
  auto inside = static_cast<float>(scene.terms.o[0] + limit);
  while (static_cast<double>(inside) - scene.terms.o[0] > limit)
    inside = std::nextafter(inside, -1e30F);
  scene.set(0, 0, inside);
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  scene.set(0, 0, std::nextafter(inside, 1e30F));
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::bound, "o");
  EXPECT_EQ(judgement.divergence->bound, limit);
  EXPECT_NE(judgement.divergence->bound_terms.find("row sum"), std::string::npos);
}

TEST(Judge, LseInBaseTwoIsCaught) {
  Scene scene(kPlain);
  for (float& lse : scene.outputs.lse)
    lse *= 1.44269504F;
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::bound, "lse");
}

TEST(Judge, TheWorstElementIsReported) {
  Scene scene(kPlain);
  scene.set(2, 4, scene.terms.o[20] + 1);
  scene.set(5, 7, scene.terms.o[47] + 3);
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::bound, "o");
  EXPECT_EQ(judgement.divergence->index, (std::array<std::int64_t, 4>{0, 0, 5, 7}));
  EXPECT_EQ(judgement.divergence->wrong, 2);
  EXPECT_EQ(judgement.divergence->pattern, "2 of 4 elements in rows 2, 5, columns 4, 7");
}

TEST(Judge, NothingToJudgeAgrees) {
  for (const char* text : {"attn(sq=0,skv=3,d=8)", "attn(b=0,sq=3,d=8)"})
    EXPECT_EQ(Scene(text).judged().verdict, Verdict::agree) << text;
}

TEST(Judge, AReferenceOfAnotherProblemIsOurBug) {
  Scene scene(kPlain);
  scene.terms.lse.pop_back();
  EXPECT_THROW((void)scene.judged(), InternalError);
}

TEST(JudgeBitwise, EveryBitCounts) {
  const Scene scene(kPlain);
  EXPECT_EQ(judge_bitwise(scene.problem, scene.outputs, scene.outputs).verdict, Verdict::agree);
  Scene other(kPlain);
  other.outputs.o.set_bits(0, 0, 3, 2, other.outputs.o.bits(0, 0, 3, 2) ^ 1U);
  Judgement judgement = judge_bitwise(scene.problem, scene.outputs, other.outputs);
  expect_disagree(judgement, Tier::exact, "o");
  EXPECT_EQ(judgement.divergence->pattern, "row 3, column 2 only");
  Scene zero(kPlain);
  zero.outputs.lse[1] = 0.0F;
  Scene minus_zero = zero;
  minus_zero.outputs.lse[1] = -0.0F;
  expect_disagree(
      judge_bitwise(scene.problem, zero.outputs, minus_zero.outputs), Tier::exact, "lse");
}

TEST(JudgeBitwise, NansOfTheSameBitsAreNoAgreement) {
  Scene a(kPlain);
  a.outputs.o.set_bits(0, 0, 0, 0, 0x7e00);
  const Scene b = a;
  expect_disagree(judge_bitwise(a.problem, a.outputs, b.outputs), Tier::classes, "o");
  Scene c(kPlain);
  c.outputs.lse[2] = std::numeric_limits<float>::quiet_NaN();
  const Scene d = c;
  expect_disagree(judge_bitwise(c.problem, c.outputs, d.outputs), Tier::classes, "lse");
}

TEST(JudgeBitwise, TooFewElements) {
  const Scene a(kPlain);
  Scene b(kPlain);
  b.outputs.lse.clear();
  expect_disagree(judge_bitwise(a.problem, a.outputs, b.outputs), Tier::count, "lse");
}

}  // namespace
}  // namespace attest
