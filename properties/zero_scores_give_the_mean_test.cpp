// Holds for the reference; a sum that is off by one key is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("zero_scores_give_the_mean");
}

TEST(ZeroScoresGiveTheMean, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// Off by half of what the bound of agrees_with_reference allows in bf16.
TEST(ZeroScoresGiveTheMean, ARowSumThatIsOffIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          o.set_bits(0, 0, 0, d, encode(problem.dtype, o.value(0, 0, 0, d) * (1 + 0x1p-7)));
      });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=64,dtype=bf16,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(ZeroScoresGiveTheMean, ADroppedKeyIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    problem.mask.kv_lengths.emplace(static_cast<std::size_t>(problem.batch), problem.seq_kv - 1);
    inputs.kv_lengths.assign(1, static_cast<std::int32_t>(problem.seq_kv - 1));
  });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=256,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(ZeroScoresGiveTheMean, FocusOftenGivesAPowerOfTwoOfKeys) {
  const Problem drawn = case_of("attn(b=2,sq=3,skv=100,fill=-30,mask=padding(100,7))").attention();
  EXPECT_EQ(property().focus(drawn, 1).seq_kv, 64);
  EXPECT_EQ(property().focus(drawn, 0).seq_kv, 100);
  EXPECT_TRUE(validate(property().focus(drawn, 1)).has_value());
}

}  // namespace
}  // namespace attest
