// The virtual map: fixed addresses, red zones, nearest allocation.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace attest::ptx {
namespace {

TEST(GlobalMemory, AddressesDependOnOrderAndSizesOnly) {
  GlobalMemory a;
  GlobalMemory b;
  const std::vector<std::byte> data(100);
  EXPECT_EQ(a.allocate("x", 100, 0, data, false), b.allocate("y", 100, 0, {}, true));
  EXPECT_EQ(a.allocate("z", 8, 4, {}, true), b.allocate("z", 8, 4, {}, true));
}

TEST(GlobalMemory, BasesAreAlignedPlusSkew) {
  GlobalMemory m;
  EXPECT_EQ(m.allocate("a", 3, 0, {}, true) % 256, 0u);
  EXPECT_EQ(m.allocate("b", 3, 6, {}, true) % 256, 6u);
}

TEST(GlobalMemory, HostBytesAreAlignedLikeDeviceBytes) {
  GlobalMemory m;
  const std::uint64_t base = m.allocate("a", 3, 6, {}, true);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(m.allocations()[0].data) % 64, base % 64);
}

TEST(GlobalMemory, FindsWholeRangesOnly) {
  GlobalMemory m;
  const std::uint64_t base = m.allocate("a", 64, 0, {}, true);
  EXPECT_NE(m.find(base, base + 64), nullptr);
  EXPECT_EQ(m.find(base, base + 65), nullptr);
  EXPECT_EQ(m.find(base - 1, base + 1), nullptr);
  EXPECT_EQ(m.find(base + 64, base + 65), nullptr);
  EXPECT_EQ(m.find(~0ull - 3, 1), nullptr) << "a range that wraps";
}

TEST(GlobalMemory, RedZonesKeepAllocationsApart) {
  GlobalMemory m;
  const std::uint64_t a = m.allocate("a", 64, 0, {}, true);
  const std::uint64_t b = m.allocate("b", 64, 0, {}, true);
  EXPECT_GE(b - (a + 64), GlobalMemory::kRedZoneBytes);
  EXPECT_EQ(m.nearest(a + 64)->name, "a");
  EXPECT_EQ(m.nearest(b - 1)->name, "b");
}

TEST(GlobalMemory, UninitialisedBytesAreDirtAndKnown) {
  GlobalMemory m;
  m.allocate("scratch", 16, 0, {}, true, std::byte{0x5a});
  const Allocation& a = m.allocations()[0];
  EXPECT_EQ(a.data[15], std::byte{0x5a});
  ASSERT_NE(a.written, nullptr);
  EXPECT_EQ(a.written[0], 0);
}

}  // namespace
}  // namespace attest::ptx
