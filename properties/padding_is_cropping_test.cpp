// Holds for the reference; an answer that depends on hidden keys is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("padding_is_cropping");
}

TEST(PaddingIsCropping, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// The diagonal ends at the last key there is, not at the last one within the length.
TEST(PaddingIsCropping, ADiagonalThatIgnoresTheLengthIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (!problem.mask.kv_lengths) return;
    const std::int64_t off = problem.seq_kv - (*problem.mask.kv_lengths)[0];
    problem.mask.causal.reset();
    problem.mask.window = Window{.left = -1, .right = off, .alignment = Alignment::bottom_right};
  });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=9,dtype=f32,mask=padding(7)&causal-br,seed=1)"),
                     subject,
                     property())
                .verdict,
            Verdict::disagree);
}

TEST(PaddingIsCropping, NeedsAKeyPastALength) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=3)"));
  EXPECT_FALSE(applies("attn(b=2,sq=3,mask=padding(3,3))"));
  EXPECT_TRUE(applies("attn(b=2,sq=3,mask=padding(3,2))"));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused =
        property().focus(case_of("attn(b=0,sq=0,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
