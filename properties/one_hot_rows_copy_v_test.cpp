// Holds for the reference; a value that comes from another key is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("one_hot_rows_copy_v");
}

TEST(OneHotRowsCopyV, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(OneHotRowsCopyV, TwoKeysSwappedAreCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    for (std::int64_t d = 0; d < problem.head_dim_v; ++d) {
      const std::uint32_t first = inputs.v.bits(0, 0, 0, d);
      inputs.v.set_bits(0, 0, 0, d, inputs.v.bits(0, 0, 1, d));
      inputs.v.set_bits(0, 0, 1, d, first);
    }
  });
  EXPECT_EQ(run_case(case_of("attn(sq=40,skv=4,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(OneHotRowsCopyV, ARowThatIsNotQuiteOneHotIsCaught) {
  const Subject subject =
      misreading_subject([](Problem& problem, Inputs&) { problem.scale = 0.0005; });
  EXPECT_EQ(run_case(case_of("attn(sq=9,skv=9,dtype=f32,seed=1)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(OneHotRowsCopyV, NeedsAWordPerKey) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_TRUE(applies("attn(sq=1,skv=256,d=8)"));
  EXPECT_FALSE(applies("attn(sq=1,skv=257,d=8)"));
  EXPECT_FALSE(applies("attn(sq=1,fill=-30)"));
}

}  // namespace
}  // namespace attest
