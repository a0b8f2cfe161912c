// Every class has a name of its own.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/launch_counts.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace attest {
namespace {

TEST(LaunchCounts, ClassesHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (std::size_t n = 0; n < kInsnClasses; ++n)
    names.insert(name(static_cast<InsnClass>(n)));
  EXPECT_EQ(names.size(), kInsnClasses);
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_EQ(name(InsnClass::integer), "integer");
  EXPECT_EQ(name(InsnClass::store_generic), "store_generic");
  EXPECT_EQ(name(InsnClass::other), "other");
}

}  // namespace
}  // namespace attest
