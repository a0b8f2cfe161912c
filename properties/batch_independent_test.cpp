// Holds for the reference; a batch that reads or leaks into another one is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"
#include "properties/rearrange.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("batch_independent");
}

TEST(BatchIndependent, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 2).empty());
}

/// Every batch reads the keys of batch 0: right when it is alone.
TEST(BatchIndependent, KeysOfTheWrongBatchAreCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    for (std::int64_t b = 1; b < problem.batch; ++b) {
      for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
        for (std::int64_t d = 0; d < problem.head_dim; ++d) {
          inputs.k.set_bits(b, 0, j, d, inputs.k.bits(0, 0, j, d));
        }
      }
    }
  });
  const CaseResult result =
      run_case(case_of("attn(b=2,sq=3,skv=5,dtype=f32,seed=1)"), subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->index[0], 1);
}

/// The last row of a batch carries a bit of the next batch's values, unless that batch is alone.
TEST(BatchIndependent, ALeakBetweenBatchesIsCaught) {
  const Subject subject = spoilt_subject(
      [](const Problem& problem, const Inputs& inputs, const Conditions&, Answer& answer) {
        if (problem.batch < 2) return;
        answer.outputs.lse.front() += static_cast<float>(inputs.v.value(1, 0, 0, 0)) * 0x1p-20F;
      });
  EXPECT_EQ(run_case(case_of("attn(b=2,sq=3,skv=5,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

/// Right alone and in the drawn company; wrong as soon as any other batch holds other data.
TEST(BatchIndependent, ALeakThatDependsOnStrangersDataIsCaught) {
  const Problem problem = case_of("attn(b=2,sq=3,skv=5,dtype=f32,seed=1)").attention();
  const Inputs drawn = draw_inputs(problem);
  const std::uint32_t known = drawn.v.bits(1, 0, 0, 0);
  const std::uint32_t other = drawn.v.bits(0, 0, 0, 0);
  const Subject subject = spoilt_subject(
      [=](const Problem& p, const Inputs& inputs, const Conditions&, Answer& answer) {
        if (p.batch < 2) return;
        const bool is_known =
            inputs.v.bits(1, 0, 0, 0) == known && inputs.v.bits(0, 0, 0, 0) == other;
        if (is_known) return;
        for (float& lse : answer.outputs.lse)
          lse += 1;
      });
  Case which = case_of("attn(b=2,sq=3,skv=5,dtype=f32,seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
}

TEST(BatchIndependent, SaysNothingAboutOneBatch) {
  EXPECT_FALSE(property().applies(case_of("attn(sq=3)").attention()));
  const Problem focused = property().focus(case_of("attn(b=0,sq=3,mask=padding())").attention(), 7);
  EXPECT_TRUE(property().applies(focused));
  EXPECT_TRUE(validate(focused).has_value());
}

}  // namespace
}  // namespace attest
