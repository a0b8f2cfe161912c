// Holds for the reference; a diagonal that is not where the rows end is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("queries_in_chunks");
}

TEST(QueriesInChunks, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// Bottom-right diagonals are taken for top-left ones.
TEST(QueriesInChunks, AChunkWithTheWrongDiagonalIsCaught) {
  const Subject subject = misreading_subject(
      [](Problem& problem, Inputs&) { problem.mask.causal = Alignment::top_left; });
  EXPECT_EQ(
      run_case(case_of("attn(sq=9,skv=9,dtype=f32,mask=causal-br,seed=1)"), subject, property())
          .verdict,
      Verdict::disagree);
}

TEST(QueriesInChunks, SaysNothingAboutTwoKindsOfDiagonal) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=3,mask=causal-tl&window(1,1,br))"));
  EXPECT_TRUE(applies("attn(sq=3,mask=causal-br&window(1,1,br))"));
  EXPECT_FALSE(applies("attn(sq=1)"));
  for (const char* text : {"attn(sq=3,mask=causal-tl&window(1,1,br))", "attn(sq=0)"})
    EXPECT_TRUE(property().applies(property().focus(case_of(text).attention(), 1)));
}

}  // namespace
}  // namespace attest
