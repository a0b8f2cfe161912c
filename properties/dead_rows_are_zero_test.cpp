// Holds for the reference; anything but +0 and -Inf in a row without keys is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("dead_rows_are_zero");
}

TEST(DeadRowsAreZero, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(DeadRowsAreZero, MinusZeroAndALargeNegativeLseAreCaught) {
  const char* const text = "attn(sq=3,skv=2,mask=causal-br)";
  const Subject minus_zero =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.o.set_bits(0, 0, 0, 5, 0x8000);
      });
  EXPECT_EQ(run_case(case_of(text), minus_zero, property()).verdict, Verdict::disagree);
  const Subject finite =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.lse[0] = -1e30F;
      });
  EXPECT_EQ(run_case(case_of(text), finite, property()).verdict, Verdict::disagree);
}

TEST(DeadRowsAreZero, IsAboutRowsWithoutKeys) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=3)"));
  EXPECT_FALSE(applies("attn(sq=3,skv=2,mask=causal-br,fill=-1000)"));
  EXPECT_TRUE(applies("attn(sq=3,skv=2,mask=causal-br)"));
  EXPECT_TRUE(applies("attn(b=2,sq=3,mask=padding(3,0))"));
  for (std::uint64_t bits = 0; bits < 40; ++bits) {
    for (const char* text : {"attn(b=0,sq=3)", "attn(sq=70,skv=130)", "attn(sq=2,skv=0)"}) {
      const Problem focused = property().focus(case_of(text).attention(), bits);
      EXPECT_TRUE(property().applies(focused)) << to_string(focused);
      EXPECT_TRUE(validate(focused).has_value()) << to_string(focused);
    }
  }
}

}  // namespace
}  // namespace attest
