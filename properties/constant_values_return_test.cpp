// Holds for the reference; weights that do not add up to 1 are caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <array>

namespace attest {
namespace {

const Property& property() {
  return property_named("constant_values_return");
}

TEST(ConstantValuesReturn, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// One part in a thousand too much: as a row sum that misses keys gives. Scores so large that the
/// bound of agrees_with_reference cannot tell.
TEST(ConstantValuesReturn, WeightsThatAddUpToMoreAreCaughtWhateverTheScores) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(0, 0, 1, 2, encode(Dtype::f32, 1.001 * o.value(0, 0, 1, 2)));
      });
  const Case which = case_of("attn(sq=3,skv=40,dtype=f32,scale=400,data=normal(40),seed=1)");
  const CaseResult result = run_case(which, subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->index, (std::array<std::int64_t, 4>{0, 0, 1, 2}));
}

TEST(ConstantValuesReturn, SaysNothingWithoutKeys) {
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,skv=0)").attention()));
  EXPECT_TRUE(property().applies(property().focus(case_of("attn(sq=3,skv=0)").attention(), 0)));
}

}  // namespace
}  // namespace attest
