// Holds for the reference; a batch that takes the length of another one is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace attest {
namespace {

const Property& property() {
  return property_named("lengths_of_others_are_inert");
}

TEST(LengthsOfOthersAreInert, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

TEST(LengthsOfOthersAreInert, TheFirstLengthForEveryBatchIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    auto& lengths = *problem.mask.kv_lengths;
    std::fill(lengths.begin(), lengths.end(), lengths.front());
    std::fill(inputs.kv_lengths.begin(), inputs.kv_lengths.end(), inputs.kv_lengths.front());
  });
  const Case which = case_of("attn(b=3,sq=2,skv=4,mask=padding(3,3,3),seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::disagree);
  EXPECT_EQ(run_case(which, subject, property_named("agrees_with_reference")).verdict,
            Verdict::agree);
}

TEST(LengthsOfOthersAreInert, NeighboursBecomeEmptyWholeAndAnythingBetween) {
  std::set<std::int64_t> seen;
  const Subject subject =
      spoilt_subject([&seen](const Problem& problem, const Inputs&, const Conditions&, Answer&) {
        for (const std::int64_t length : *problem.mask.kv_lengths)
          seen.insert(length);
      });
  const Case which = case_of("attn(b=16,sq=1,skv=9,mask=padding(" + [] {
    std::string lengths = "4";
    for (int b = 1; b < 16; ++b)
      lengths += ",4";
    return lengths;
  }() + "),seed=1)");
  EXPECT_EQ(run_case(which, subject, property()).verdict, Verdict::agree);
  EXPECT_TRUE(seen.count(0));
  EXPECT_TRUE(seen.count(9));
  EXPECT_GT(seen.size(), 4U);
}

TEST(LengthsOfOthersAreInert, IsAboutPaddedBatches) {
  EXPECT_TRUE(property().applies(case_of("attn(b=2,sq=3,mask=padding(1,3))").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(b=2,sq=3)").attention()));
  EXPECT_FALSE(property().applies(case_of("attn(sq=3,mask=padding(1))").attention()));
  for (std::uint64_t bits = 0; bits < 12; ++bits) {
    const Problem focused = property().focus(case_of("attn(b=0,sq=0)").attention(), bits);
    EXPECT_TRUE(property().applies(focused));
    EXPECT_TRUE(validate(focused).has_value());
  }
}

}  // namespace
}  // namespace attest
