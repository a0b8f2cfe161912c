// The choice of a build of the handlers, by name and by processor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/simd.h"

#include <gtest/gtest.h>

namespace attest::ptx {
namespace {

TEST(Simd, EveryUsableOneIsChosenByItsName) {
  ASSERT_GE(usable_simds().size(), 2u);
  for (const Simd simd : usable_simds()) {
    const auto chosen = choose_simd(name(simd));
    ASSERT_TRUE(chosen.has_value()) << name(simd);
    EXPECT_EQ(*chosen, simd);
  }
}

TEST(Simd, TheFastestIsTheDefault) {
  EXPECT_EQ(*choose_simd(""), usable_simds().back());
}

TEST(Simd, AnUnknownNameIsRefusedWithTheKnownOnes) {
  const auto chosen = choose_simd("sse");
  ASSERT_FALSE(chosen.has_value());
  EXPECT_EQ(chosen.error().code, Code::bad_input);
  EXPECT_NE(chosen.error().message.find("scalar, avx2, avx512"), std::string::npos);
}

}  // namespace
}  // namespace attest::ptx
