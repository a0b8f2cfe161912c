// Holds for the reference; a window that is off on one side is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("time_reversed");
}

TEST(TimeReversed, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(TimeReversed, AWindowThatIsOffOnTheLeftIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (problem.mask.window && problem.mask.window->left > 1) problem.mask.window->left -= 1;
  });
  EXPECT_EQ(
      run_case(case_of("attn(sq=9,dtype=f32,mask=window(2,1,tl),seed=1)"), subject, property())
          .verdict,
      Verdict::disagree);
}

TEST(TimeReversed, SaysNothingAboutTwoDiagonals) {
  const Problem both = case_of("attn(sq=3,mask=causal-br&window(1,1,tl)&bool)").attention();
  EXPECT_FALSE(property().applies(both));
  EXPECT_TRUE(property().applies(property().focus(both, 0)));
  EXPECT_TRUE(property().applies(case_of("attn(sq=3,mask=causal-br)").attention()));
}

}  // namespace
}  // namespace attest
