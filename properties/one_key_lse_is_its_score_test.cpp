// Holds for the reference; a scale that is off by a thousandth is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("one_key_lse_is_its_score");
}

TEST(OneKeyLseIsItsScore, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(OneKeyLseIsItsScore, AScaleOffByAThousandthIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    problem.scale = 1.001 * static_cast<double>(effective_scale(problem));
  });
  for (const char* problem : {"attn(sq=3,skv=1,dtype=f32,seed=1)",
                              "attn(sq=3,skv=1,dtype=bf16,seed=1)",
                              "attn(sq=3,mask=window(0,0,tl),seed=1)"}) {
    const CaseResult result = run_case(case_of(problem), subject, property());
    ASSERT_EQ(result.verdict, Verdict::disagree) << problem;
    ASSERT_TRUE(result.divergence.has_value());
    EXPECT_EQ(result.divergence->tensor, "lse");
  }
}

TEST(OneKeyLseIsItsScore, SaysNothingOfOtherRows) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.lse[1] += 1;
      });
  EXPECT_EQ(run_case(case_of("attn(sq=2,skv=1,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
  EXPECT_EQ(
      run_case(case_of("attn(sq=2,mask=padding(1)&window(0,0,tl),seed=1)"), subject, property())
          .verdict,
      Verdict::agree);
}

TEST(OneKeyLseIsItsScore, IsAboutRowsOfOneKey) {
  EXPECT_TRUE(property().applies(case_of("attn(sq=3,skv=1)").attention()));
  EXPECT_TRUE(property().applies(case_of("attn(sq=3,mask=window(0,0,br))").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(sq=3)").attention()));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused =
        property().focus(case_of("attn(b=0,sq=0,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
