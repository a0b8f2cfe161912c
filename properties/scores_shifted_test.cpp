// Holds for the reference; scores that overflow are caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace attest {
namespace {

const Property& property() {
  return property_named("scores_shifted");
}

TEST(ScoresShifted, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// exp without the maximum: sums beyond the range of f32 are Inf.
TEST(ScoresShifted, ExpWithoutTheMaximumIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        for (float& lse : answer.outputs.lse) {
          if (lse > 88) lse = std::numeric_limits<float>::infinity();
        }
      });
  int caught = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Case which = case_of("attn(sq=3,dtype=f32,seed=" + std::to_string(seed) + ")");
    caught += run_case(which, subject, property()).verdict == Verdict::disagree;
  }
  EXPECT_GT(caught, 2);
}

TEST(ScoresShifted, SaysNothingAboutAFiniteFill) {
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,fill=-30)").attention()));
}

}  // namespace
}  // namespace attest
