// Holds for the reference; a part of the mask that means something else is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

const Property& property() {
  return property_named("masks_equivalent");
}

TEST(MasksEquivalent, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(MasksEquivalent, ACausalMaskThatIsOffByOneIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (problem.mask.causal != Alignment::top_left) return;
    problem.mask.causal.reset();
    problem.mask.window = Window{.left = -1, .right = 1, .alignment = Alignment::top_left};
  });
  EXPECT_EQ(
      run_case(case_of("attn(sq=8,dtype=f32,mask=causal-tl,seed=1)"), subject, property()).verdict,
      Verdict::disagree);
}

TEST(MasksEquivalent, EveryWayIsTaken) {
  int windows = 0;
  int lengths = 0;
  int tensors = 0;
  int corners = 0;
  const Subject subject =
      spoilt_subject([&](const Problem& problem, const Inputs&, const Conditions&, Answer&) {
        windows += problem.mask.window.has_value();
        lengths += problem.mask.kv_lengths.has_value();
        tensors += problem.mask.boolean;
        corners += problem.mask.causal == Alignment::bottom_right;
      });
  for (int seed = 0; seed < 100; ++seed) {
    const Case which =
        case_of("attn(sq=3,dtype=f32,mask=causal-tl,seed=" + std::to_string(seed) + ")");
    EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::agree);
  }
  for (const int taken : {windows, lengths, tensors, corners})
    EXPECT_GT(taken, 3);
}

}  // namespace
}  // namespace attest
