// Holds for the reference; the least weight of a hidden key is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("hidden_mass_is_zero");
}

TEST(HiddenMassIsZero, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 40, 3).empty());
}

/// A mask that is filled with -30 instead of -Inf leaves e^-30 of a key.
TEST(HiddenMassIsZero, AMaskThatLeavesATraceIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) { problem.fill = -30; });
  EXPECT_EQ(run_case(case_of("attn(sq=100,dtype=f32,mask=causal-tl,seed=1)"), subject, property())
                .verdict,
            Verdict::disagree);
}

/// One key too many, far from the first keys.
TEST(HiddenMassIsZero, AWindowThatIsOffByOneIsCaught) {
  const Subject subject =
      misreading_subject([](Problem& problem, Inputs&) { problem.mask.window->left += 1; });
  EXPECT_EQ(run_case(case_of("attn(sq=400,skv=600,d=32,dtype=f16,mask=window(200,0,br),seed=1)"),
                     subject,
                     property())
                .verdict,
            Verdict::disagree);
}

TEST(HiddenMassIsZero, SaysNothingAboutAFiniteFill) {
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,fill=-30)").attention()));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused =
        property().focus(case_of("attn(b=0,sq=0,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
