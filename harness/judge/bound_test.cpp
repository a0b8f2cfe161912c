// The bound against simulated kernels: never exceeded, and close enough to mean something.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/bound.h"

#include "harness/judge/flash_model.h"
#include "harness/judge/judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace attest {
namespace {

struct Machine {
  const char* arch;
  std::int64_t block;
  int fraction;
};

// gpu-arithmetic: V100, A100, H100.
constexpr Machine kMachines[] = {{"sm_70", 4, 23}, {"sm_80", 8, 24}, {"sm_90", 16, 25}};
constexpr ExpError kExpErrors[] = {
    ExpError::none, ExpError::up, ExpError::down, ExpError::by_sign_of_v};

Problem parsed(const std::string& text) {
  Result<Problem> problem = parse_problem(text);
  EXPECT_TRUE(problem.has_value()) << text;
  return problem.value();
}

struct Worst {
  double o = 0;
  double lse = 0;
};

// Judges every model of the dtype on one problem.
void judge_models(const std::string& text, std::map<std::string, Worst>& worst) {
  const Problem problem = parsed(text);
  const Inputs inputs = draw_inputs(problem);
  const ReferenceTerms terms = plain_terms(problem, inputs);
  const auto check = [&](const FlashModel& model, const char* arch) {
    const Outputs outputs = run_flash_model(model, problem, inputs);
    const Judgement judgement = judge(problem, outputs, terms, model.arithmetic, arch);
    EXPECT_EQ(judgement.verdict, Verdict::agree)
        << text << ' ' << arch << ' ' << judgement.ratio_o << ' ' << judgement.ratio_lse << ' '
        << (judgement.divergence ? judgement.divergence->bound_terms + judgement.divergence->pattern
                                 : "");
    const std::string what = std::string(name(problem.dtype)) +
                             (model.block != 0 ? " mma" : " fma") +
                             (model.arithmetic.exp_ulps > 4 ? ", coarse exp" : "") +
                             (problem.seq_kv > 256 ? ", long rows" : "");
    worst[what].o = std::max(worst[what].o, judgement.ratio_o);
    worst[what].lse = std::max(worst[what].lse, judgement.ratio_lse);
  };
  for (const ExpError exp_error : kExpErrors) {
    FlashModel model;
    model.exp_error = exp_error;
    check(model, "sm_80");
    if (problem.dtype == Dtype::f32) {
      FlashModel coarse = model;  // an exp so poor that its error is all there is
      coarse.arithmetic.exp_ulps = 256;
      coarse.arithmetic.kv_tile = 16;
      check(coarse, "sm_80");
      continue;
    }
    model.arithmetic.accumulate = Accumulate::tensor_core_f32;
    model.arithmetic.probability = problem.dtype;
    for (const Machine& machine : kMachines) {
      if (machine.block != 8 && exp_error != ExpError::by_sign_of_v) continue;
      model.block = machine.block;
      model.fraction = machine.fraction;
      check(model, machine.arch);
    }
    if (exp_error != ExpError::by_sign_of_v) continue;
    model.arithmetic.sum_of_rounded_p = true;
    check(model, "sm_90");
  }
}

TEST(Bound, HoldsForCorrectKernelsAndIsNotVacuous) {
  const char* const shapes[] = {"sq=3,skv=1,d=32",
                                "sq=5,skv=17,d=64",
                                "b=2,sq=4,skv=66,d=32,mask=padding(66,5)",
                                "sq=2,skv=257,d=64",
                                "hq=2,hkv=1,sq=20,skv=70,d=32,mask=causal-br",
                                "sq=1,skv=1024,d=32,dv=8"};
  const char* const kinds[] = {"normal(1)",
                               "normal(4)",
                               "ramp-up",
                               "ramp-down",
                               "all-negative",
                               "needle",
                               "one-hot",
                               "indicator-v",
                               "constant-v",
                               "integers",
                               "near-overflow",
                               "subnormal-p",
                               "poison",
                               "normal(0.0001)",
                               "normal(30)"};
  std::map<std::string, Worst> worst;
  for (const Dtype dtype : kDtypes)
    for (const char* shape : shapes)
      for (const char* kind : kinds)
        judge_models("attn(" + std::string(shape) + ",dtype=" + std::string(name(dtype)) +
                         ",data=" + kind + ")",
                     worst);
  for (const auto& [what, ratio] : worst)
    std::cout << "max error / bound, " << what << ": o " << ratio.o << ", lse " << ratio.lse
              << '\n';
  for (const char* what : {"f16 mma", "bf16 mma", "f16 mma, long rows", "bf16 mma, long rows"})
    EXPECT_GE(worst[what].o, 0.15) << what;
}

// Every term of the reference, alone, has the weight that the derivation gives it: a row of 100
// keys in two tiles, head_dim 64, f32, exp 4 ulp, with all other terms 0.
TEST(Bound, EveryTermHasItsWeight) {
  const Problem problem = parsed("attn(sq=1,skv=100,d=64,dv=1,dtype=f32)");
  const Bound bound(problem, Arithmetic{}, "");
  constexpr double kU = 0x1p-24;
  constexpr double kRoom = 1.02;  // second order, and the reference's own rounding
  ReferenceTerms none = plain_terms(problem, draw_inputs(problem));
  for (auto* term : {&none.o,
                     &none.lse,
                     &none.weighted_abs_v,
                     &none.weighted_spread,
                     &none.products_spread,
                     &none.scores_spread,
                     &none.depth_spread,
                     &none.abs_v_over_l,
                     &none.row_max,
                     &none.products_mean,
                     &none.scores_mean,
                     &none.depth_mean,
                     &none.products_max})
    (*term)[0] = 0;
  none.abs_v_max[0] = 0x1p100;  // no cap
  const auto parts_with = [&](std::vector<double> ReferenceTerms::*term, double value) {
    ReferenceTerms terms = none;
    (terms.*term)[0] = value;
    return bound.output(terms, bound.row(terms, 0), 0);
  };
  const auto expect_near = [](double got, double want) {
    EXPECT_GE(got, want);
    EXPECT_LE(got, want * kRoom);
  };
  expect_near(parts_with(&ReferenceTerms::products_spread, 1).scores, (64 + 3) * kU);
  expect_near(parts_with(&ReferenceTerms::scores_spread, 1).scores, 2 * kU);
  expect_near(parts_with(&ReferenceTerms::depth_spread, 1).scores, 5 * kU);
  expect_near(parts_with(&ReferenceTerms::weighted_spread, 1).scores, 2 * 4.5 * 0x1p-23);
  expect_near(parts_with(&ReferenceTerms::weighted_abs_v, 1).accumulation, (101 + 2 * 2) * kU);
  expect_near(parts_with(&ReferenceTerms::o, 1).row_sum, (100 + 2 * 2 + 2) * kU + 0x1p-22);
  expect_near(parts_with(&ReferenceTerms::o, -1).rounding, kU);
  expect_near(parts_with(&ReferenceTerms::abs_v_over_l, 0x1p100).underflow, 0x1p-26);
  EXPECT_EQ(parts_with(&ReferenceTerms::o, 1).probability, 0) << "P stays f32";

  const auto lse_with = [&](std::vector<double> ReferenceTerms::*term, double value) {
    ReferenceTerms terms = none;
    (terms.*term)[0] = value;
    return bound.lse(terms, bound.row(terms, 0), 0);
  };
  const double constant = lse_with(&ReferenceTerms::products_mean, 0).scores;
  expect_near(constant, 2 * 4.5 * 0x1p-23);
  expect_near(lse_with(&ReferenceTerms::products_mean, 1000).scores - constant,
              1000 * (64 + 3) * kU);
  expect_near(lse_with(&ReferenceTerms::scores_mean, 1000).scores - constant, 1000 * 2 * kU);
  expect_near(lse_with(&ReferenceTerms::depth_mean, 1000).scores - constant, 1000 * 5 * kU);
  expect_near(lse_with(&ReferenceTerms::lse, 0).row_sum, (100 + 2 * 2 + 2) * kU + 0x1p-22);
  expect_near(lse_with(&ReferenceTerms::lse, 2).row_sum, (100 + 2 * 2 + 2) * kU + 3 * 0x1p-22);
}

// O leaves out P * V of the last key; with indicator V one element of each row loses its weight.
TEST(Bound, SeesADroppedKey) {
  for (const Dtype dtype : kDtypes) {
    const Problem problem =
        parsed("attn(sq=4,skv=257,d=64,dtype=" + std::string(name(dtype)) + ",data=indicator-v)");
    const Inputs inputs = draw_inputs(problem);
    FlashModel model;
    if (dtype != Dtype::f32) {
      model.arithmetic.accumulate = Accumulate::tensor_core_f32;
      model.arithmetic.probability = dtype;
      model.block = 8;
      model.fraction = 24;
    }
    model.drops_last_key = true;
    const Judgement judgement = judge(problem,
                                      run_flash_model(model, problem, inputs),
                                      plain_terms(problem, inputs),
                                      model.arithmetic,
                                      "sm_80");
    EXPECT_EQ(judgement.verdict, Verdict::disagree) << name(dtype);
    ASSERT_TRUE(judgement.divergence.has_value());
    EXPECT_EQ(judgement.divergence->tier, Tier::bound);
    EXPECT_EQ(judgement.divergence->tensor, "o");
    EXPECT_EQ(judgement.divergence->wrong, 4);
    EXPECT_EQ(judgement.divergence->pattern, "column 0 only");  // key 256 = 4 * 64
    EXPECT_LE(judgement.ratio_lse, 1);
  }
}

// e^x - 1 <= excess_of_exp(x), and not far above it, by the series where it converges fast.
TEST(Bound, ExcessOfExpIsFromAbove) {
  // NOLINTNEXTLINE(clang-analyzer-security.FloatLoopCounter): how many steps does not matter
  for (double x = 0x1p-60; x < 700; x *= 1.09) {
    const long double exact = std::expm1(static_cast<long double>(x));
    EXPECT_GE(excess_of_exp(x), exact * (1 - 0x1p-48L)) << x;
    if (x <= 1) {
      EXPECT_LE(excess_of_exp(x), exact * 1.001L) << x;
    }
  }
  EXPECT_EQ(excess_of_exp(0), 0);
  EXPECT_TRUE(std::isinf(excess_of_exp(1000)));
  EXPECT_TRUE(std::isinf(excess_of_exp(std::numeric_limits<double>::quiet_NaN())));
}

// One block of 16 zero-free terms on Hopper, 2 on Ampere, 4 on Volta; worked out by hand.
TEST(Bound, DotModelOfTheArchitectures) {
  const auto factor = [](const char* arch, std::int64_t terms, std::int64_t span) {
    return DotModel(Accumulate::tensor_core_f32, arch).error_factor(terms, span);
  };
  EXPECT_EQ(factor("sm_70", 16, 16), 16 * 0x1p-23 + 4 * 0x1p-23);
  EXPECT_EQ(factor("sm_80", 16, 16), 16 * 0x1p-24 + 2 * 0x1p-23);
  EXPECT_EQ(factor("sm_89", 16, 16), 16 * 0x1p-24 + 2 * 0x1p-23);
  EXPECT_EQ(factor("sm_90a", 16, 16), 16 * 0x1p-25 + 1 * 0x1p-23);
  EXPECT_EQ(factor("sm_120", 16, 17), 16 * 0x1p-25 + 2 * 0x1p-23);
  EXPECT_EQ(factor("sm_80", 1, 4096), 0x1p-24 + 0x1p-23) << "blocks without a product are exact";
  EXPECT_EQ(DotModel(Accumulate::fma_f32, "").error_factor(7, 100), 8 * 0x1p-24);
  EXPECT_THROW(factor("sm_61", 1, 1), InternalError);
  EXPECT_THROW(factor("", 1, 1), InternalError);
}

// Scores of 1e30 * 1e30: their f32 errors exceed any weight. What is left is that O is a mean of v.
TEST(Bound, StaysFiniteWhenTheScoresAreLost) {
  const Problem problem = parsed("attn(sq=1,skv=3,d=8,dtype=f32)");
  ReferenceTerms terms = plain_terms(problem, draw_inputs(problem));
  terms.products_max[0] = terms.products_mean[0] = 1e60;
  terms.products_spread.assign(8, 1e60);
  const Bound bound(problem, Arithmetic{}, "sm_80");
  const BoundParts parts = bound.output(terms, bound.row(terms, 0), 0);
  EXPECT_TRUE(std::isfinite(parts.total));
  EXPECT_GE(parts.total, terms.abs_v_max[0] + std::fabs(terms.o[0]));
}

}  // namespace
}  // namespace attest
