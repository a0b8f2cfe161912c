// Holds for the reference; a scale that is ignored, or loses its sign, is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("scale_moved_to_q");
}

TEST(ScaleMovedToQ, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(ScaleMovedToQ, AScaleThatIsIgnoredIsCaught) {
  const Subject subject =
      misreading_subject([](Problem& problem, Inputs&) { problem.scale.reset(); });
  EXPECT_EQ(run_case(case_of("attn(sq=3,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(ScaleMovedToQ, AScaleThatLosesItsSignIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (effective_scale(problem) < 0) problem.scale = -*problem.scale;
  });
  EXPECT_EQ(run_case(case_of("attn(sq=3,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

}  // namespace
}  // namespace attest
