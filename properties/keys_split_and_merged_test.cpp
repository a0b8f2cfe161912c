// Holds for the reference; parts that do not add up are caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

const Property& property() {
  return property_named("keys_split_and_merged");
}

TEST(KeysSplitAndMerged, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 50, 3).empty());
}

/// The last key is lost: of the whole once, of two parts twice.
TEST(KeysSplitAndMerged, ADroppedLastKeyIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    if (problem.seq_kv < 2) return;
    problem.mask.kv_lengths.emplace(static_cast<std::size_t>(problem.batch), problem.seq_kv - 1);
    inputs.kv_lengths.assign(1, static_cast<std::int32_t>(problem.seq_kv - 1));
  });
  EXPECT_EQ(run_case(case_of("attn(sq=3,skv=40,dtype=f32,seed=2)"), subject, property()).verdict,
            Verdict::disagree);
}

TEST(KeysSplitAndMerged, PartsMayBeEmpty) {
  int empty = 0;
  for (int seed = 0; seed < 60; ++seed) {
    const Case which =
        case_of("attn(b=2,sq=3,skv=2,mask=padding(1,0),seed=" + std::to_string(seed) + ")");
    const Subject subject =
        spoilt_subject([&empty](const Problem& problem, const Inputs&, const Conditions&, Answer&) {
          empty += problem.seq_kv == 0;
        });
    EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::agree);
  }
  EXPECT_GT(empty, 3);
}

/// Scores so large that the bound of an LSE allows any weight.
TEST(KeysSplitAndMerged, WeightsAreOffByOneAtMost) {
  const char* const text = "attn(sq=1,d=448,dtype=f32,scale=-0.5,data=one-hot,seed=0xb7dd3d17)";
  EXPECT_EQ(run_case(case_of(text), reference_subject(), property()).verdict, Verdict::agree);
}

}  // namespace
}  // namespace attest
