// Holds for the reference; a row that depends on its place is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("queries_permuted");
}

TEST(QueriesPermuted, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(QueriesPermuted, ARowThatIsTreatedOtherwiseIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(0, 0, 2, 2, o.bits(0, 0, 2, 2) ^ 1U);
      });
  EXPECT_EQ(run_case(case_of("attn(sq=9,skv=7,mask=bool,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

/// The state of the row before is kept.
TEST(QueriesPermuted, AStaleRowIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    for (std::int64_t d = 0; d < problem.head_dim; ++d)
      inputs.q.set_bits(0, 0, 5, d, inputs.q.bits(0, 0, 4, d));
  });
  EXPECT_EQ(run_case(case_of("attn(sq=9,skv=7,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(QueriesPermuted, SaysNothingAboutMasksByPosition) {
  const Problem causal = case_of("attn(sq=1,mask=causal-br&window(1,1,tl)&bool)").attention();
  EXPECT_FALSE(property().applies(causal));
  EXPECT_TRUE(property().applies(property().focus(causal, 5)));
}

}  // namespace
}  // namespace attest
