// Result, ATTEST_TRY and ATTEST_CHECK.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace attest {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error{Code::bad_input, "odd", "case, column 3"};
  return value / 2;
}

Result<int> quarter(int value) {
  ATTEST_TRY(const int once, half(value));
  ATTEST_TRY(const int twice, half(once));
  return twice;
}

TEST(Result, TryBindsValuesAndReturnsTheFirstError) {
  ASSERT_TRUE(quarter(12));
  EXPECT_EQ(*quarter(12), 3);
  for (const int value : {6, 7}) {
    const Result<int> failed = quarter(value);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "odd");
  }
}

TEST(Result, ErrorPrintsWithAndWithoutItsPlace) {
  EXPECT_EQ(half(1).error().to_string(), "case, column 3: odd");
  EXPECT_EQ((Error{Code::io, "no such file", ""}).to_string(), "no such file");
}

TEST(Result, MisuseIsAnInternalError) {
  EXPECT_THROW((void)half(1).value(), InternalError);
  const Result<int> good = half(2);
  EXPECT_THROW((void)good.error(), InternalError);
}

TEST(Result, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> held = std::make_unique<int>(5);
  const std::unique_ptr<int> taken = std::move(held).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Check, FailsInEveryBuildTypeAndNamesTheCondition) {
  EXPECT_NO_THROW(ATTEST_CHECK(1 + 1 == 2));
  try {
    ATTEST_CHECK(1 + 1 == 3);
    FAIL();
  } catch (const InternalError& error) {
    EXPECT_NE(std::string(error.what()).find("1 + 1 == 3"), std::string::npos);
  }
}

}  // namespace
}  // namespace attest
