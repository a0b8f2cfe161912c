// Holds for the reference; an answer that depends on strides is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <vector>

namespace attest {
namespace {

const Property& property() {
  return property_named("layout_is_irrelevant");
}

TEST(LayoutIsIrrelevant, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(LayoutIsIrrelevant, ABitThatDependsOnTheRowStrideIsCaught) {
  const Subject subject = spoilt_subject(
      [](const Problem& problem, const Inputs& inputs, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        if (inputs.k.layout.strides[2] == problem.head_dim) return;
        o.set_bits(0, 1, 1, 2, o.bits(0, 1, 1, 2) ^ 1U);
      });
  EXPECT_EQ(run_case(case_of("attn(hq=2,sq=3,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(LayoutIsIrrelevant, EveryTensorMoves) {
  std::vector<Problem> seen;
  const Subject subject =
      spoilt_subject([&seen](const Problem& problem, const Inputs&, const Conditions&, Answer&) {
        seen.push_back(problem);
      });
  const Case which = case_of("attn(hq=2,sq=3,gap(q=8),skew(k=2),seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::agree);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NE(seen[0].layout, seen[1].layout);
  EXPECT_EQ(seen[1].gap[0], 0);
  EXPECT_EQ(seen[1].skew[1], 0);
  EXPECT_TRUE(validate(seen[1]).has_value());
}

}  // namespace
}  // namespace attest
