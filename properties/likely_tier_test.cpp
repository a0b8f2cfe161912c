// The probabilistic tier: right kernels stay within it, and it sees what the worst case lets pass.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/flash_model.h"
#include "harness/judge/judge.h"
#include "properties/planted.h"
#include "reference/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

namespace attest {
namespace {

constexpr const char* kArch = "sm_80";

FlashModel model_of(Dtype dtype) {
  FlashModel model;
  model.arithmetic.exp_ulps = 2;
  if (dtype == Dtype::f32) return model;
  model.arithmetic.accumulate = Accumulate::tensor_core_f32;
  model.arithmetic.probability = dtype;
  model.block = 8;
  model.fraction = 24;
  return model;
}

struct Both {
  Judgement worst;
  Judgement likely;
};

/// What `model` answers, held to the arithmetic of a right kernel.
Both judged(const FlashModel& model, const Problem& p) {
  const Inputs inputs = draw_inputs(p);
  const ReferenceTerms terms = reference_attention(p, inputs, Detail::likely);
  const Outputs outputs = run_flash_model(model, p, inputs);
  const Arithmetic declared = model_of(p.dtype).arithmetic;
  return {judge(p, outputs, terms, declared, kArch),
          judge_likely(p, outputs, terms, declared, kArch)};
}

Problem problem_of(Dtype dtype, std::string_view text) {
  Problem p = parse_problem(text).value();
  p.dtype = dtype;
  return p;
}

TEST(LikelyTier, HoldsForRightKernelsAndIsNotVacuous) {
  const char* const texts[] = {"attn(sq=8,skv=97,d=32)",
                               "attn(sq=4,skv=1024,d=32,dv=16)",
                               "attn(sq=4,skv=700,d=64,dv=16,data=normal(4))",
                               "attn(sq=4,skv=700,d=32,dv=16,data=normal(0.1))",
                               "attn(sq=4,skv=300,d=32,data=constant-v)",
                               "attn(sq=4,skv=300,d=32,data=indicator-v)",
                               "attn(sq=4,skv=300,d=32,data=ramp-up)",
                               "attn(sq=4,skv=300,d=32,data=ramp-down)",
                               "attn(sq=4,skv=300,d=32,data=integers)",
                               "attn(sq=4,skv=300,d=32,data=needle)",
                               "attn(sq=4,skv=300,d=32,data=all-negative)",
                               "attn(sq=4,skv=300,d=32,data=subnormal-p)"};
  std::map<Dtype, double> largest;
  for (const Dtype dtype : kDtypes) {
    for (const char* text : texts) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        Problem p = problem_of(dtype, text);
        p.seed = seed;
        const Both both = judged(model_of(dtype), p);
        EXPECT_EQ(both.likely.verdict, Verdict::agree)
            << to_string(p) << ' ' << both.likely.divergence->bound_terms;
        largest[dtype] = std::max({largest[dtype], both.likely.ratio_o, both.likely.ratio_lse});
      }
    }
    std::cout << "max error / likely bound, " << name(dtype) << ": " << largest[dtype] << '\n';
    EXPECT_GE(largest[dtype], 0.2) << name(dtype);
  }
}

/// The worst case lets it pass and what is likely does not, of O.
void expect_only_unlikely(const FlashModel& model, const Problem& p) {
  const Both both = judged(model, p);
  EXPECT_EQ(both.worst.verdict, Verdict::agree) << to_string(p) << ' ' << both.worst.ratio_o;
  ASSERT_EQ(both.likely.verdict, Verdict::disagree)
      << to_string(p) << ' ' << both.likely.ratio_o << ' ' << both.likely.ratio_lse;
  EXPECT_EQ(both.likely.divergence->tier, Tier::probabilistic);
  EXPECT_EQ(name(both.likely.divergence->tier), "probabilistic");
}

TEST(LikelyTier, SeesAKeyThatNeverMeetsItsValue) {
  for (const auto& [dtype, keys] :
       {std::pair{Dtype::bf16, 4096}, {Dtype::f16, 16384}, {Dtype::f32, 16384}}) {
    FlashModel model = model_of(dtype);
    model.drops_last_key = true;
    Problem p = problem_of(dtype, "attn(sq=4,skv=1,d=32,dv=16)");
    p.seq_kv = keys;
    expect_only_unlikely(model, p);
  }
}

TEST(LikelyTier, SeesWeightsOfTooFewBits) {
  FlashModel model = model_of(Dtype::f16);
  model.arithmetic.probability = Dtype::bf16;
  expect_only_unlikely(model, problem_of(Dtype::f16, "attn(sq=4,skv=4096,d=32,dv=16)"));
}

TEST(LikelyTier, SeesAnExpThatLeansWithTheValues) {
  FlashModel model = model_of(Dtype::f32);
  model.exp_error = ExpError::by_sign_of_v;
  model.arithmetic.exp_ulps = 24;
  expect_only_unlikely(model, problem_of(Dtype::f32, "attn(sq=4,skv=4096,d=32,dv=1)"));
}

/// Rows of equal weights are left to the worst case: roundings repeat.
TEST(LikelyTier, DoesNotSpeakOfRowsWithFewDifferentWeights) {
  const Problem p = problem_of(Dtype::bf16, "attn(sq=4,skv=300,d=32,scale=0)");
  const Both both = judged(model_of(Dtype::bf16), p);
  EXPECT_EQ(both.likely.ratio_o, 0);
  EXPECT_EQ(both.likely.verdict, Verdict::agree);
}

/// A kernel that rounds P to bf16, and whose first element of O is further off where `is_wrong`.
Subject leaning(const std::function<bool(const Problem&)>& is_wrong) {
  constexpr double kTooMuch = 1.5e-3;  // over 1000 keys: beyond what is likely, not the worst case
  Subject subject = spoilt_subject(
      [is_wrong](const Problem& p, const Inputs&, const Conditions&, Answer& answer) {
        const double o = answer.outputs.o.value(0, 0, 0, 0);
        if (is_wrong(p)) answer.outputs.o.set_bits(0, 0, 0, 0, encode(p.dtype, o + kTooMuch));
      });
  subject.arithmetic = [](const Problem&) { return model_of(Dtype::bf16).arithmetic; };
  return subject;
}

constexpr const char* kCase = "attn(sq=2,skv=1000,dtype=bf16,seed=5)";

TEST(LikelyTier, IsConfirmedByTwoOfThreeOtherDraws) {
  const Property& property = property_named("agrees_with_reference");
  const Case which = case_of(kCase, "agrees_with_reference");
  const CaseResult always = run_case(which, leaning([](const Problem&) { return true; }), property);
  EXPECT_EQ(always.verdict, Verdict::disagree);
  ASSERT_TRUE(always.divergence.has_value());
  EXPECT_EQ(always.divergence->tier, "probabilistic");
  EXPECT_EQ(signature_of(always).kind, "probabilistic");
  EXPECT_GT(always.ratio_likely, 1);
  EXPECT_LE(always.ratio_o, 1);
  const CaseResult once =
      run_case(which, leaning([](const Problem& p) { return p.seed == 5; }), property);
  EXPECT_EQ(once.verdict, Verdict::agree);
  EXPECT_NE(once.reason.find("so are 0 of 3 other draws"), std::string::npos) << once.reason;
  EXPECT_FALSE(once.divergence.has_value());
  EXPECT_GT(once.ratio_likely, 1);
}

TEST(LikelyTier, IsAskedOfCorrectlyRoundedExpAlone) {
  const Property& property = property_named("agrees_with_reference");
  Case which = case_of(kCase, "agrees_with_reference");
  which.mode.approx = Approx::high;
  const CaseResult result = run_case(which, leaning([](const Problem&) { return true; }), property);
  EXPECT_EQ(result.verdict, Verdict::agree);
  EXPECT_EQ(result.ratio_likely, 0);
}

}  // namespace
}  // namespace attest
