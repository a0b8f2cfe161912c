// Sectors, wavefronts and bytes of single accesses, counted by hand.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/traffic.h"

#include "harness/ptx/machine/warp.h"

#include <gtest/gtest.h>

namespace attest::ptx {
namespace {

constexpr std::uint64_t kBase = 0x7f0000001000;  // of a sector

/// base, base + stride, ...
template <class Address>
std::array<Address, kLanes> strided(Address base, Address stride) {
  std::array<Address, kLanes> addresses;
  for (std::size_t l = 0; l < kLanes; ++l)
    addresses[l] = base + static_cast<Address>(l) * stride;
  return addresses;
}

struct GlobalRow {
  const char* what;
  std::uint64_t base;
  std::uint64_t stride;
  std::int64_t size;
  std::uint32_t lanes;
  std::int64_t sectors;
  std::int64_t bytes;
};

TEST(Traffic, SectorsOfGlobalAccesses) {
  const GlobalRow rows[] = {
      {"words in a run", kBase, 4, 4, kAllLanes, 4, 128},
      {"a run that begins in the middle of a sector", kBase + 4, 4, 4, kAllLanes, 5, 128},
      {"every second word", kBase, 8, 4, kAllLanes, 8, 128},
      {"a word of every 32nd", kBase, 128, 4, kAllLanes, 32, 128},
      {"one word for all", kBase, 0, 4, kAllLanes, 1, 128},
      {"16 bytes a lane in a run", kBase, 16, 16, kAllLanes, 16, 512},
      {"halves in a run", kBase, 2, 2, kAllLanes, 2, 64},
      {"the first 16 lanes", kBase, 4, 4, 0xffff, 2, 64},
      {"every second lane", kBase, 4, 4, 0x55555555, 4, 64},
      {"downwards", kBase + 124, ~std::uint64_t{0} - 3, 4, kAllLanes, 4, 128},
      {"nobody", kBase, 4, 4, 0, 0, 0},
  };
  for (const GlobalRow& row : rows) {
    const GlobalMemory memory;
    Traffic traffic(memory);
    traffic.global(row.lanes, strided(row.base, row.stride).data(), 0, row.size, Moves::reads);
    EXPECT_EQ(traffic.counts().global_sectors, row.sectors) << row.what;
    EXPECT_EQ(traffic.counts().global_bytes_requested, row.bytes) << row.what;
    EXPECT_EQ(traffic.counts().global_bytes_touched, 32 * row.sectors) << row.what;
    EXPECT_EQ(traffic.counts().global_accesses, row.lanes == 0 ? 0 : 1) << row.what;
  }
}

TEST(Traffic, ASectorIsTouchedOnceForReadingAndOnceForWriting) {
  const auto addresses = strided(kBase, std::uint64_t{4});
  const GlobalMemory memory;
  Traffic traffic(memory);
  traffic.global(kAllLanes, addresses.data(), 0, 4, Moves::reads);
  traffic.global(kAllLanes, addresses.data(), 64, 4, Moves::reads);  // two sectors are new
  EXPECT_EQ(traffic.counts().global_sectors, 8);
  EXPECT_EQ(traffic.counts().global_bytes_touched, 6 * 32);
  traffic.global(kAllLanes, addresses.data(), 0, 4, Moves::writes);
  EXPECT_EQ(traffic.counts().global_bytes_touched, 10 * 32);
  traffic.global(kAllLanes, addresses.data(), 64, 4, Moves::both);
  EXPECT_EQ(traffic.counts().global_bytes_touched, 12 * 32);
  traffic.global(1, addresses.data(), std::int64_t{1} << 30, 4, Moves::both);  // far away
  traffic.global(1, addresses.data(), 0, 4, Moves::both);
  EXPECT_EQ(traffic.counts().global_bytes_touched, 14 * 32);
}

TEST(Traffic, ByBuffer) {
  GlobalMemory memory;
  // q begins in the middle of a sector and ends in another; two pages of sectors hold o.
  const std::uint64_t q = memory.allocate("q", 64, 16, {}, true);
  const std::uint64_t o = memory.allocate("o", 1 << 17, 0, {}, true);
  Traffic traffic(memory);
  const std::uint64_t later = memory.allocate("later", 256, 0, {}, true);
  traffic.global(0xffff, strided(q, std::uint64_t{4}).data(), 0, 4, Moves::reads);  // 3 sectors
  traffic.global(0x1, strided(q, std::uint64_t{4}).data(), 32, 4, Moves::both);
  traffic.global(kAllLanes, strided(o, std::uint64_t{4096}).data(), 0, 16, Moves::writes);
  traffic.global(kAllLanes, strided(later, std::uint64_t{8}).data(), 0, 8, Moves::reads);
  // Lanes in two buffers.
  auto both = strided(q, std::uint64_t{0});
  both[1] = o + (1 << 17) - 8;
  traffic.global(0x3, both.data(), 0, 8, Moves::reads);
  const TrafficCounts counts = traffic.counts();
  ASSERT_EQ(counts.buffers.size(), 2u);
  EXPECT_EQ(counts.buffers[0], (BufferTraffic{"q", 64 + 8, 0, 4, 3 * 32 + 32}));
  EXPECT_EQ(counts.buffers[1], (BufferTraffic{"o", 8, 512, 0, 32 * 32 + 32}));
  EXPECT_EQ(counts.global_bytes_requested, 64 + 4 + 512 + 256 + 16);
  EXPECT_EQ(counts.global_bytes_touched, 4 * 32 + 33 * 32 + 256);
}

struct SharedRow {
  const char* what;
  std::uint32_t stride;
  std::int64_t size;
  std::uint32_t lanes;
  std::int64_t wavefronts;
  std::int64_t ideal;
};

TEST(Traffic, WavefrontsOfSharedAccesses) {
  const SharedRow rows[] = {
      {"words in a run", 4, 4, kAllLanes, 1, 1},
      {"every second word: two lanes a bank", 8, 4, kAllLanes, 2, 1},
      {"every third word: odd strides are free", 12, 4, kAllLanes, 1, 1},
      {"a column of 32 words a row: one bank", 128, 4, kAllLanes, 32, 1},
      {"a column of 33 words a row", 132, 4, kAllLanes, 1, 1},
      {"one word for all", 0, 4, kAllLanes, 1, 1},
      {"halves in a run: two lanes a word", 2, 2, kAllLanes, 1, 1},
      {"bytes 64 apart: two banks", 64, 1, kAllLanes, 16, 1},
      {"8 bytes in a run: two phases", 8, 8, kAllLanes, 2, 2},
      {"8 bytes, 16 apart: two lanes a bank in each phase", 16, 8, kAllLanes, 4, 2},
      {"16 bytes in a run: four phases", 16, 16, kAllLanes, 4, 4},
      {"16 bytes, 32 apart: lanes 0 and 4 share banks", 32, 16, kAllLanes, 8, 4},
      {"16 bytes, the same for all", 0, 16, kAllLanes, 4, 4},
      {"16 bytes, the lanes of one phase", 16, 16, 0xff00, 1, 1},
      {"32 bytes in a run: eight phases of four lanes", 32, 32, kAllLanes, 8, 8},
      {"ldmatrix.x4, rows of 128 bytes: all rows in the same banks", 128, 16, kAllLanes, 32, 4},
      {"ldmatrix.x4, rows padded to 144 bytes", 144, 16, kAllLanes, 4, 4},
      {"ldmatrix.x1, rows padded to 144 bytes", 144, 16, 0xff, 1, 1},
      {"ldmatrix.x2, rows of 64 bytes: four rows a bank", 64, 16, 0xffff, 8, 2},
      {"nobody", 4, 4, 0, 0, 0},
  };
  for (const SharedRow& row : rows) {
    const GlobalMemory memory;
    Traffic traffic(memory);
    traffic.shared(row.lanes, strided(std::uint32_t{0}, row.stride).data(), row.size);
    EXPECT_EQ(traffic.counts().shared_wavefronts, row.wavefronts) << row.what;
    EXPECT_EQ(traffic.counts().shared_wavefronts_ideal, row.ideal) << row.what;
    EXPECT_EQ(traffic.counts().shared_bytes_requested, row.size * __builtin_popcount(row.lanes))
        << row.what;
    EXPECT_EQ(traffic.counts().shared_accesses, row.lanes == 0 ? 0 : 1) << row.what;
  }
}

TEST(Traffic, AtomicsOnOneWordTakeTurns) {
  const GlobalMemory memory;
  Traffic traffic(memory);
  traffic.shared(
      kAllLanes, strided(std::uint32_t{0}, std::uint32_t{0}).data(), 4, SharedPath::atomic);
  EXPECT_EQ(traffic.counts().shared_wavefronts, 32);
  EXPECT_EQ(traffic.counts().shared_wavefronts_ideal, 1);
  traffic.shared(
      kAllLanes, strided(std::uint32_t{0}, std::uint32_t{4}).data(), 4, SharedPath::atomic);
  EXPECT_EQ(traffic.counts().shared_wavefronts, 33);
}

TEST(Traffic, MatrixRowsAndAsynchronousCopiesAreCountedAlsoAlone) {
  const GlobalMemory memory;
  Traffic traffic(memory);
  const auto column = strided(std::uint32_t{0}, std::uint32_t{128});
  traffic.shared(kAllLanes, column.data(), 16, SharedPath::ldmatrix);
  traffic.shared(0xff, column.data(), 16, SharedPath::cp_async);
  traffic.shared(kAllLanes, column.data(), 4);
  EXPECT_EQ(traffic.counts().ldmatrix, (BankCounts{1, 32, 4}));
  EXPECT_EQ(traffic.counts().cp_async, (BankCounts{1, 8, 1}));
  EXPECT_EQ(traffic.counts().shared_accesses, 3);
  EXPECT_EQ(traffic.counts().shared_wavefronts, 32 + 8 + 32);
  EXPECT_EQ(traffic.counts().shared_wavefronts_ideal, 4 + 1 + 1);
}

TEST(Traffic, LocalBytes) {
  const GlobalMemory memory;
  Traffic traffic(memory);
  traffic.local(0x7, 8);
  EXPECT_EQ(traffic.counts().local_bytes_requested, 24);
}

}  // namespace
}  // namespace attest::ptx
