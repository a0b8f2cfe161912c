// Holds for the reference; an answer that depends on where a key stands is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("keys_permuted");
}

TEST(KeysPermuted, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 80, 4).empty());
}

/// The last key is dropped: with one heavy key, wrong wherever the permutation puts it last.
TEST(KeysPermuted, ADroppedLastKeyIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    problem.mask.kv_lengths.emplace(static_cast<std::size_t>(problem.batch), problem.seq_kv - 1);
  });
  const Case which = case_of("attn(sq=3,skv=5,dtype=f32,data=one-hot,seed=2)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
}

/// Right as long as the keys are in the drawn order: agrees_with_reference cannot see it.
TEST(KeysPermuted, OnlyTheDrawnOrderRightIsCaught) {
  const Case which = case_of("attn(sq=3,skv=40,dtype=f32,seed=2)");
  const std::uint32_t first = draw_inputs(which.attention()).k.bits(0, 0, 0, 0);
  const Subject subject = spoilt_subject(
      [first](const Problem&, const Inputs& inputs, const Conditions&, Answer& answer) {
        if (inputs.k.bits(0, 0, 0, 0) == first) return;
        for (float& lse : answer.outputs.lse)
          lse += 1;
      });
  EXPECT_EQ(run_case(which, subject, property_named("agrees_with_reference")).verdict,
            Verdict::agree);
  const CaseResult result = run_case(which, subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tensor, "lse");
}

/// O is wrong in the drawn order, LSE in the other one: the first divergence is the one reported.
TEST(KeysPermuted, TheFirstDivergenceIsReported) {
  const Case which = case_of("attn(sq=3,skv=40,dtype=f32,seed=2)");
  const std::uint32_t first = draw_inputs(which.attention()).k.bits(0, 0, 0, 0);
  const Subject subject = spoilt_subject(
      [first](const Problem&, const Inputs& inputs, const Conditions&, Answer& answer) {
        const bool is_drawn = inputs.k.bits(0, 0, 0, 0) == first;
        if (is_drawn) answer.outputs.o.set_bits(0, 0, 0, 0, encode(Dtype::f32, 1000));
        if (!is_drawn) answer.outputs.lse.front() += 100;
      });
  const CaseResult result = run_case(which, subject, property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tensor, "o");
  EXPECT_GT(result.ratio_lse, 1);
}

TEST(KeysPermuted, SaysNothingAboutMasksByPosition) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=4,mask=causal-br)"));
  EXPECT_FALSE(applies("attn(sq=4,mask=window(1,1,tl))"));
  EXPECT_TRUE(applies("attn(sq=4,mask=padding(3)&bool)"));
  EXPECT_TRUE(property().applies(
      property().focus(case_of("attn(sq=4,mask=causal-tl&window(1,1,tl)&bool)").attention(), 0)));
}

}  // namespace
}  // namespace attest
