// Holds for the reference; a row of one key that is not copied is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("one_key_rows_copy_v");
}

TEST(OneKeyRowsCopyV, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// A running maximum that begins at -10^4 instead of -Inf: weights of lower scores are 0.
TEST(OneKeyRowsCopyV, AFiniteSentinelIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        if (!(answer.outputs.lse[0] < -1e4F)) return;
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          answer.outputs.o.set_bits(0, 0, 0, d, 0);
      });
  const Case which = case_of("attn(sq=3,mask=window(0,0,tl),seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
  EXPECT_EQ(run_case(which, subject, property_named("agrees_with_reference")).verdict,
            Verdict::agree);
}

TEST(OneKeyRowsCopyV, OneUlpIsCaught) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(0, 0, 2, 2, o.bits(0, 0, 2, 2) ^ 1U);
      });
  EXPECT_EQ(
      run_case(case_of("attn(sq=3,dtype=bf16,mask=window(0,0,tl),seed=1)"), subject, property())
          .verdict,
      Verdict::disagree);
}

TEST(OneKeyRowsCopyV, IsAboutRowsOfOneKey) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_TRUE(applies("attn(sq=3,skv=1)"));
  EXPECT_TRUE(applies("attn(b=2,sq=3,mask=padding(1,3))"));
  EXPECT_TRUE(applies("attn(sq=3,mask=window(0,0,br))"));
  EXPECT_FALSE(applies("attn(sq=3,mask=window(1,0,br))"));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused =
        property().focus(case_of("attn(b=0,sq=0,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
