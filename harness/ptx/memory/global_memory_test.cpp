// The virtual map: fixed addresses, red zones, nearest allocation.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/memory/global_memory.h"

#include "harness/base/check.h"

#include <gtest/gtest.h>

#include <cstring>
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

TEST(GlobalMemory, FreedMemoryIsGoneAndItsAddressesStay) {
  GlobalMemory m(100);
  const std::uint64_t a = m.allocate("a", 80, 0, {}, true);
  EXPECT_FALSE(m.fits(21));
  EXPECT_FALSE(m.free(a + 4)) << "not where it starts";
  EXPECT_TRUE(m.free(a));
  EXPECT_FALSE(m.free(a)) << "twice";
  EXPECT_EQ(m.find(a, a + 4), nullptr);
  EXPECT_EQ(m.nearest(a + 4)->name, "a");
  EXPECT_TRUE(m.nearest(a + 4)->is_freed);
  ASSERT_TRUE(m.fits(100));
  EXPECT_GT(m.allocate("b", 100, 0, {}, true), a + 80);
}

TEST(GlobalMemory, RefusesMoreThanItsCapacity) {
  GlobalMemory m(100);
  EXPECT_FALSE(m.fits(101));
  EXPECT_FALSE(m.fits(-1));
  EXPECT_FALSE(m.fits(std::int64_t{1} << 62));
  EXPECT_THROW(m.allocate("a", 101, 0, {}, true), InternalError);
}

/// `first` holds the address of byte 3 of `second`, and that address's second byte.
ModuleVariables two_variables() {
  ModuleVariable first{"first", true, 16, {std::byte{7}}, {{8, 1, 3, 8, 0}, {1, 1, 3, 1, 8}}};
  ModuleVariable second{"second", false, 5, {}, {}};
  return {"m", {first, second}};
}

TEST(GlobalMemory, ModuleVariablesAreInitialised) {
  GlobalMemory m;
  const auto addresses = m.instantiate(two_variables());
  ASSERT_TRUE(addresses);
  const std::uint64_t base = (*addresses)[1];
  const Allocation* first = m.find((*addresses)[0], (*addresses)[0] + 16);
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->is_constant);
  EXPECT_FALSE(first->is_writable);
  EXPECT_EQ(first->data[0], std::byte{7});
  EXPECT_EQ(first->data[1], static_cast<std::byte>((base + 3) >> 8));
  std::uint64_t pointer = 0;
  std::memcpy(&pointer, first->data + 8, 8);
  EXPECT_EQ(pointer, base + 3);
  const Allocation* second = m.find(base, base + 5);
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->is_writable);
  EXPECT_EQ(second->data[4], std::byte{0}) << "zero without an initial value";
  EXPECT_EQ(second->written, nullptr) << "and so it counts as initialised";
}

TEST(GlobalMemory, AModuleIsInstantiatedOnce) {
  GlobalMemory m;
  const auto first = m.instantiate(two_variables());
  *m.find((*first)[1], (*first)[1] + 1)->data = std::byte{9};
  const auto again = m.instantiate(two_variables());
  EXPECT_EQ((*again)[1], (*first)[1]);
  EXPECT_EQ(*m.find((*again)[1], (*again)[1] + 1)->data, std::byte{9}) << "what was written stays";
  ModuleVariables other = two_variables();
  other.module = "n";
  EXPECT_NE((*m.instantiate(other))[1], (*first)[1]) << "another module has its own";
  EXPECT_FALSE(GlobalMemory(20).instantiate(two_variables())) << "21 bytes";
}

}  // namespace
}  // namespace attest::ptx
