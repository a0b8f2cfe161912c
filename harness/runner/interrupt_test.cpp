// The first signal raises the flag, the second ends the process.
// SPDX-License-Identifier: Apache-2.0
#include "harness/runner/interrupt.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(Interrupt, the_first_signal_raises_the_flag) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const InterruptScope scope;
    EXPECT_FALSE(InterruptScope::is_interrupted());
    raise(signal);
    EXPECT_TRUE(InterruptScope::is_interrupted());
  }
}

TEST(Interrupt, a_new_scope_starts_without_the_flag) {
  {
    const InterruptScope scope;
    raise(SIGINT);
  }
  const InterruptScope scope;
  EXPECT_FALSE(InterruptScope::is_interrupted());
}

TEST(InterruptDeathTest, the_second_signal_ends_the_process) {
  EXPECT_EXIT(
      {
        const InterruptScope scope;
        raise(SIGINT);
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT),
      "");
}

}  // namespace
}  // namespace attest
