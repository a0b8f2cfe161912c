// Local memory: separate bytes for each thread, and what was written of them.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/local_memory.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace attest::ptx {
namespace {

TEST(LocalMemory, EveryThreadHasItsOwn) {
  LocalMemory m;
  m.reset(2, 20, true);
  *m.data(0, 19) = std::byte{1};
  *m.data(1, 0) = std::byte{2};
  EXPECT_EQ(*m.data(0, 19), std::byte{1});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(m.data(1, 0)) % 16, 0u);
}

TEST(LocalMemory, KnowsWhatWasWritten) {
  LocalMemory m;
  m.reset(2, 16, true);
  m.mark_written(1, 4, 1);
  EXPECT_TRUE(m.is_written(1, 4, 4)) << "one byte of four, as in a struct with a gap";
  EXPECT_FALSE(m.is_written(1, 0, 4));
  EXPECT_FALSE(m.is_written(1, 5, 4));
  EXPECT_FALSE(m.is_written(0, 4, 4)) << "another thread's";
  m.reset(2, 16, true);
  EXPECT_FALSE(m.is_written(1, 4, 4)) << "a new block";
  m.reset(2, 16, false);
  EXPECT_TRUE(m.is_written(1, 4, 4)) << "not checked";
}

}  // namespace
}  // namespace attest::ptx
