// Holds for the reference itself; wrong O, wrong LSE, NaN and findings are caught.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

const Property& property() {
  return property_named("agrees_with_reference");
}
const char* const kProblem = "attn(b=2,hq=2,sq=5,skv=70,dtype=f16,seed=3)";

TEST(AgreesWithReference, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 150, 1).empty());
}

TEST(AgreesWithReference, OneWrongElementOfOIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(1, 0, 4, 63, encode(Dtype::f16, o.value(1, 0, 4, 63) + 1));
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->tensor, "o");
  EXPECT_EQ(result.divergence->index, (std::array<std::int64_t, 4>{1, 0, 4, 63}));
  EXPECT_EQ(result.divergence->wrong, 1);
  EXPECT_GT(result.ratio_o, 1);
}

TEST(AgreesWithReference, LseInBitsInsteadOfNatsIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        for (float& lse : answer.outputs.lse)
          lse *= 1.442695F;
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tensor, "lse");
  EXPECT_LE(result.ratio_o, 1);
}

TEST(AgreesWithReference, NanIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.lse.back() = std::numeric_limits<float>::quiet_NaN();
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tier, name(Tier::classes));
}

TEST(AgreesWithReference, WhatTheLaunchesDidIsInTheResult) {
  LaunchRecord launch;
  launch.kernel = "k";
  launch.block = {64, 1, 1};
  launch.counts.warp_instructions = 12;
  launch.counts.classes[InsnClass::barrier] = 12;
  launch.counts.flops = 300;
  launch.counts.has_traffic = true;
  launch.counts.traffic.buffers = {{"q", 64, 0, 0, 32}};
  const Subject subject =
      spoilt_subject([&](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.launches.push_back(launch);
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  ASSERT_EQ(result.launches.size(), 1U);
  EXPECT_EQ(result.launches.front().kernel, "k");
  EXPECT_EQ(result.launches.front().block, launch.block);
  EXPECT_EQ(result.launches.front().counts, launch.counts);
}

TEST(AgreesWithReference, AFindingIsAFaultEvenWhereTheNumbersAreRight) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        Finding finding;
        finding.kind = FindingKind::shared_race;
        answer.findings.push_back(finding);
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  EXPECT_EQ(result.verdict, Verdict::fault);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings.front().kind, FindingKind::shared_race);
  EXPECT_FALSE(result.divergence.has_value());
}

/// A mistake in what is computed, not in the output: a causal diagonal one to the right.
TEST(AgreesWithReference, ADiagonalOffByOneIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (problem.mask.causal != Alignment::top_left) return;
    problem.mask.causal.reset();
    problem.mask.window = Window{.left = -1, .right = 1, .alignment = Alignment::top_left};
  });
  const Case causal = case_of("attn(sq=9,skv=9,dtype=f32,mask=causal-tl,seed=3)");
  EXPECT_EQ(run_case(causal, subject, property()).verdict, Verdict::disagree);
  const Case plain = case_of("attn(sq=9,skv=9,dtype=f32,seed=3)");
  EXPECT_EQ(run_case(plain, subject, property()).verdict, Verdict::agree);
}

}  // namespace
}  // namespace attest
