// Holds for the reference; an LSE in another base is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("keys_doubled");
}

TEST(KeysDoubled, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 50, 3).empty());
}

TEST(KeysDoubled, AnLseInBaseTwoIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        for (float& lse : answer.outputs.lse)
          lse *= 1.4426950F;
      });
  const CaseResult result =
      run_case(case_of("attn(sq=3,skv=40,dtype=f32,seed=2)"), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tensor, "lse");
}

TEST(KeysDoubled, KeysPastTheLengthAreDoubledApart) {
  for (const char* text :
       {"attn(b=3,sq=3,skv=5,dtype=f32,mask=padding(0,3,5)&bool,data=poison,seed=2)",
        "attn(b=3,sq=3,skv=5,mask=padding(0,3,5)&bool,fill=-1,seed=2)"})
    EXPECT_EQ(run_case(case_of(text), reference_subject(), property()).verdict, Verdict::agree);
}

}  // namespace
}  // namespace attest
