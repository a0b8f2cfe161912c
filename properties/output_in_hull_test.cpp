// Holds for the reference; an output beyond the values of its row is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("output_in_hull");
}

TEST(OutputInHull, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// Twice the sum, with scores so large that the bound of agrees_with_reference cannot tell.
TEST(OutputInHull, AMissingRescaleIsCaughtWhateverTheScores) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          o.set_bits(0, 0, 1, d, encode(Dtype::f32, 2 * o.value(0, 0, 1, d)));
      });
  const Case which = case_of("attn(sq=3,skv=4,dtype=f32,scale=1e6,data=normal(40),seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
}

TEST(OutputInHull, NaNIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.o.set_bits(0, 0, 0, 0, 0x7fff);
      });
  EXPECT_EQ(run_case(case_of("attn(sq=3,seed=1)"), subject, property()).verdict, Verdict::disagree);
}

/// With a finite fill the hidden keys are in the mean.
TEST(OutputInHull, HiddenKeysWidenTheHullWhereTheyAreInTheSum) {
  const char* const text = "attn(sq=3,skv=4,dtype=f32,mask=padding(1),fill=5,seed=1)";
  EXPECT_EQ(run_case(case_of(text), reference_subject(), property()).verdict, Verdict::agree);
}

}  // namespace
}  // namespace attest
