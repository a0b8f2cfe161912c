// Holds for the reference; an output that is not scaled with V is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("values_scaled");
}

TEST(ValuesScaled, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(ValuesScaled, OneUlpIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs& inputs, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        if (inputs.v.value(0, 0, 0, 0) < 0) return;
        o.set_bits(0, 0, 2, 2, o.bits(0, 0, 2, 2) ^ 1U);
      });
  for (const char* text :
       {"attn(sq=3,dtype=f32,seed=1)", "attn(sq=3,seed=1)", "attn(sq=3,dtype=bf16,seed=1)"}) {
    EXPECT_EQ(run_case(case_of(text), subject, property()).verdict, Verdict::disagree) << text;
  }
}

TEST(ValuesScaled, ALostSignIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          o.set_bits(0, 0, 0, d, o.bits(0, 0, 0, d) & 0x7fffU);
      });
  EXPECT_EQ(run_case(case_of("attn(sq=3,seed=1)"), subject, property()).verdict, Verdict::disagree);
}

}  // namespace
}  // namespace attest
