// Holds for the reference; an output that is not linear in V is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("linear_in_v");
}

TEST(LinearInV, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 50, 3).empty());
}

TEST(LinearInV, AClampedOutputIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
          if (o.value(0, 0, 0, d) > 0.25) o.set_bits(0, 0, 0, d, encode(problem.dtype, 0.25));
        }
      });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=4,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

/// The weights of the three runs must be the same: one part in 10^4 between them is caught in f32.
TEST(LinearInV, WeightsThatDependOnVAreCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    const auto scale = static_cast<double>(effective_scale(problem));
    problem.scale = inputs.v.value(0, 0, 0, 0) == 0 ? scale * 1.0001 : scale;
  });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=40,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

}  // namespace
}  // namespace attest
