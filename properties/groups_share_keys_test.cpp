// Holds for the reference; heads that read the keys of another group are caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"
#include "properties/remake.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

const Property& property() {
  return property_named("groups_share_keys");
}

TEST(GroupsShareKeys, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// Head h reads kv head h modulo heads_kv.
TEST(GroupsShareKeys, HeadsDealtOutInTurnAreCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    const Inputs right = inputs;
    const auto modulo = [heads = problem.heads_kv](const RowAt& to) {
      return RowAt{to.batch, to.head % heads, to.row};
    };
    problem.heads_kv = problem.heads_q;
    inputs.k = remake_rows(problem, Tensor::k, right.k, modulo);
    inputs.v = remake_rows(problem, Tensor::v, right.v, modulo);
  });
  EXPECT_EQ(
      run_case(case_of("attn(hq=4,hkv=2,sq=3,dtype=f32,seed=1)"), subject, property()).verdict,
      Verdict::disagree);
}

TEST(GroupsShareKeys, SaysNothingAboutPlainHeads) {
  EXPECT_FALSE(property().applies(case_of("attn(hq=4,sq=3)").attention()));
  const Problem focused = property().focus(case_of("attn(hq=4,sq=3)").attention(), 3);
  EXPECT_TRUE(property().applies(focused));
  EXPECT_TRUE(validate(focused).has_value());
}

}  // namespace
}  // namespace attest
