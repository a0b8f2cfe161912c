// Holds for the reference; answers that depend on the schedule or on old memory are caught.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <set>

namespace attest {
namespace {

const Property& property() {
  return property_named("repeats_bitwise");
}
const char* const kProblem = "attn(sq=3,skv=5,dtype=f16,seed=1)";

TEST(RepeatsBitwise, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 5).empty());
}

/// One bit, and only under one order of warps: far inside the bound.
TEST(RepeatsBitwise, OneBitThatDependsOnTheScheduleIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions& with, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        if (with.mode.schedule != 0) o.set_bits(0, 0, 2, 5, o.bits(0, 0, 2, 5) ^ 1U);
      });
  const CaseResult result = run_case(case_of(kProblem), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tier, name(Tier::exact));
  EXPECT_EQ(result.divergence->index, (std::array<std::int64_t, 4>{0, 0, 2, 5}));
}

TEST(RepeatsBitwise, AnElementLeftUnwrittenIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions& with, Answer& answer) {
        const std::uint32_t left = with.dirt | static_cast<std::uint32_t>(with.dirt) << 8;
        answer.outputs.o.set_bits(0, 0, 0, 0, left);
      });
  EXPECT_EQ(run_case(case_of(kProblem), subject, property()).verdict, Verdict::disagree);
}

TEST(RepeatsBitwise, TheTwoRunsDifferInScheduleWhateverTheCaseDraws) {
  for (std::uint64_t schedule = 0; schedule < 200; ++schedule) {
    std::set<std::uint64_t> seen;
    const Subject subject =
        spoilt_subject([&](const Problem&, const Inputs&, const Conditions& with, Answer&) {
          seen.insert(with.mode.schedule);
        });
    Case which = case_of("attn(sq=1,skv=1,d=1,seed=1)");
    which.mode.schedule = schedule;
    EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::agree);
    EXPECT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.count(schedule), 1U);
  }
}

}  // namespace
}  // namespace attest
