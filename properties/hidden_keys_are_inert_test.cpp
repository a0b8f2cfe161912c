// Holds for the reference; reading a key that no row keeps is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

const Property& property() {
  return property_named("hidden_keys_are_inert");
}

TEST(HiddenKeysAreInert, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 100, 3).empty());
}

/// 0 * NaN: the tail of V is multiplied by a probability of 0 instead of being left out.
Subject tail_multiplier() {
  return spoilt_subject(
      [](const Problem& problem, const Inputs& inputs, const Conditions&, Answer& answer) {
        const auto& v = inputs.v;
        for (std::int64_t b = 0; b < problem.batch; ++b) {
          for (std::int64_t j = kv_length(problem, b); j < problem.seq_kv; ++j) {
            const double leak = 0 * v.value(b, 0, j, 0);
            const double right = answer.outputs.o.value(b, 0, 0, 0);
            answer.outputs.o.set_bits(b, 0, 0, 0, encode(problem.dtype, right + leak));
          }
        }
      });
}

TEST(HiddenKeysAreInert, AMultipliedTailIsCaught) {
  const Case which = case_of("attn(sq=2,skv=7,dtype=f16,mask=padding(4),seed=5)");
  const CaseResult result = run_case(which, tail_multiplier(), property());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tensor, "o");
  EXPECT_TRUE(std::isnan(result.divergence->got));
}

/// A mask that is added instead of selected: a huge hidden score survives -1e4.
TEST(HiddenKeysAreInert, AnAdditiveMaskIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    if (!problem.mask.causal) return;
    if (std::abs(inputs.k.value(0, 0, problem.seq_kv - 1, 0)) > 1e4) problem.mask.causal.reset();
  });
  const Case which = case_of("attn(sq=2,skv=7,dtype=bf16,mask=causal-tl,data=integers,seed=5)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
}

TEST(HiddenKeysAreInert, AppliesWhereAKeyIsHiddenFromEveryRow) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=4,skv=7)"));
  EXPECT_TRUE(applies("attn(sq=4,skv=7,mask=padding(6))"));
  EXPECT_FALSE(applies("attn(sq=4,skv=7,mask=padding(7))"));
  EXPECT_TRUE(applies("attn(sq=4,skv=7,mask=causal-tl)"));
  EXPECT_FALSE(applies("attn(sq=4,skv=7,mask=causal-br)"));
  EXPECT_FALSE(applies("attn(sq=7,skv=7,mask=causal-tl)"));
  EXPECT_TRUE(applies("attn(sq=4,skv=7,mask=window(2,0,br))"));
  EXPECT_FALSE(applies("attn(sq=4,skv=7,mask=window(3,0,br))"));
  EXPECT_TRUE(applies("attn(sq=4,skv=7,mask=window(-1,2,tl))"));
  EXPECT_FALSE(applies("attn(sq=4,skv=7,mask=padding(6),fill=-1000)"));
  EXPECT_FALSE(applies("attn(sq=4,skv=7,mask=padding(6),data=poison)"));
  EXPECT_FALSE(applies("attn(sq=0,skv=7,mask=padding(6))"));
}

}  // namespace
}  // namespace attest
