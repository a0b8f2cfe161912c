// Holds for the reference; a window that grows narrower is caught.
// SPDX-License-Identifier: Apache-2.0
#include "properties/planted.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

const Property& property() {
  return property_named("wider_window_adds_mass");
}

TEST(WiderWindowAddsMass, HoldsForTheReference) {
  EXPECT_TRUE(failures(reference_subject(), property(), 60, 3).empty());
}

/// A left side of 64 and more that is taken modulo 64.
TEST(WiderWindowAddsMass, AWindowThatWrapsIsCaught) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs&) {
    if (problem.mask.window->left > 0) problem.mask.window->left %= 64;
  });
  int caught = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Case which = case_of(
        "attn(sq=2,skv=90,dtype=f32,mask=window(63,0,br),seed=" + std::to_string(seed) + ")");
    caught += run_case(which, subject, property()).verdict == Verdict::disagree;
  }
  EXPECT_GT(caught, 5);
}

TEST(WiderWindowAddsMass, NeedsABoundedWindow) {
  const auto applies = [](std::string_view text) {
    return property().applies(case_of(text).attention());
  };
  EXPECT_FALSE(applies("attn(sq=3,mask=window(-1,-1,tl))"));
  EXPECT_FALSE(applies("attn(sq=3,mask=window(1,1,tl),data=poison)"));
  EXPECT_TRUE(applies("attn(sq=3,mask=window(1,-1,tl))"));
  const Problem poison = case_of("attn(sq=3,data=poison)").attention();
  EXPECT_TRUE(property().applies(property().focus(poison, 1)));
}

}  // namespace
}  // namespace attest
