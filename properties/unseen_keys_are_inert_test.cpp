// Holds for the reference; a row that looks ahead is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("unseen_keys_are_inert");
}

TEST(UnseenKeysAreInert, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// The diagonal lets one key too many in.
TEST(UnseenKeysAreInert, ALookAheadIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    problem.mask.causal.reset();
    problem.mask.window = Window{.left = -1, .right = 1, .alignment = Alignment::top_left};
  });
  EXPECT_EQ(
      run_case(case_of("attn(sq=40,dtype=f32,mask=causal-tl,seed=1)"), subject, property()).verdict,
      Verdict::disagree);
}

TEST(UnseenKeysAreInert, NeedsAMaskByPosition) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=3,mask=padding(2)&bool)"));
  EXPECT_FALSE(applies("attn(sq=3,mask=window(-1,-1,tl))"));
  EXPECT_FALSE(applies("attn(sq=3,mask=causal-tl,fill=-30)"));
  EXPECT_TRUE(applies("attn(sq=3,mask=window(-1,2,tl))"));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused =
        property().focus(case_of("attn(b=0,sq=0,mask=padding())").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
