// Holds for the reference; an answer that depends on what was asked before is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("calls_leave_no_state");
}

TEST(CallsLeaveNoState, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// The scale of the first call of all is kept.
TEST(CallsLeaveNoState, AScaleThatStaysFromAnEarlierCallIsCaught) {
  Subject subject = reference_subject();
  const auto right = subject.run;
  subject.run = [right](const Problem& problem, const Inputs& inputs, const Conditions& with) {
    Problem read = problem;
    if (with.earlier != nullptr) read.scale = effective_scale(*with.earlier->problem);
    return right(read, inputs, with);
  };
  const Case which = case_of("attn(sq=3,skv=5,dtype=f32,seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
  EXPECT_EQ(run_case(which, subject, property_named("repeats_bitwise")).verdict, Verdict::agree);
}

TEST(CallsLeaveNoState, TheEarlierCallHasAnotherShapeScaleAndMask) {
  std::int64_t earlier = 0;
  const Subject subject = spoilt_subject(
      [&earlier](const Problem& problem, const Inputs&, const Conditions& with, Answer&) {
        if (with.earlier == nullptr) return;
        ++earlier;
        EXPECT_NE(with.earlier->problem->seq_q, problem.seq_q);
        EXPECT_NE(effective_scale(*with.earlier->problem), effective_scale(problem));
        EXPECT_NE(with.earlier->problem->mask, problem.mask);
        EXPECT_TRUE(validate(*with.earlier->problem).has_value());
      });
  EXPECT_EQ(run_case(case_of("attn(sq=5,skv=0)"), subject, property()).verdict, Verdict::agree);
  EXPECT_EQ(earlier, 1);
}

}  // namespace
}  // namespace attest
