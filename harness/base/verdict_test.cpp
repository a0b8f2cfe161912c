// Names of the verdicts, which the record format fixes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/verdict.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

TEST(Verdict, NamesAreThoseOfTheRecord) {
  std::string names;
  for (const Verdict verdict : kVerdicts)
    names += std::string(name(verdict)) + " ";
  EXPECT_EQ(names, "agree disagree fault refused not_run ");
}

}  // namespace
}  // namespace attest
