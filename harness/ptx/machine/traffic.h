// Traffic: counts of what the accesses of a launch move, and of how shared memory's banks serve them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/launch_counts.h"
#include "harness/ptx/memory/global_memory.h"

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

/// Distinct 32-byte sectors of global memory.
class SectorSet {
 public:
  void insert(std::uint64_t sector);
  [[nodiscard]] std::int64_t size() const { return size_; }
  /// Of [first, end).
  [[nodiscard]] std::int64_t size_within(std::uint64_t first, std::uint64_t end) const;

 private:
  static constexpr std::uint64_t kPageSectors = 2048;
  using Page = std::array<std::uint64_t, kPageSectors / 64>;
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  Page* last_ = nullptr;  // accesses stay on a page for long
  std::uint64_t last_number_ = 0;
  std::int64_t size_ = 0;
};

/// What an access does to memory; an atomic both reads and writes.
enum class Moves : std::uint8_t { reads, writes, both };

/// What accesses shared memory; ldmatrix and the stores of cp.async are also counted on their own.
enum class SharedPath : std::uint8_t { plain, atomic, ldmatrix, cp_async };

class Traffic {
 public:
  /// Counts by buffer for the allocations that there are now.
  explicit Traffic(const GlobalMemory& memory)
      : memory_(memory), requested_(memory.allocations().size()) {}

  /// A warp-wide access of `size_bytes` bytes at `addresses[l] + offset` for the lanes of `m`.
  void global(std::uint32_t m,
              const std::uint64_t* addresses,
              std::int64_t offset,
              std::int64_t size_bytes,
              Moves moves);
  /// The same in shared memory. A wavefront serves 128 bytes, one word of each of 32 banks: an access
  /// of 16 bytes a lane goes in four phases of 8 lanes, one of 8 bytes in two of 16. Within a phase
  /// lanes that share a word share its wavefront, unless it is an atomic: those take one each.
  /// ldmatrix is an access of 16 bytes by the lanes that give row addresses.
  void shared(std::uint32_t m,
              const std::uint32_t* addresses,
              std::int64_t size_bytes,
              SharedPath path = SharedPath::plain);
  void local(std::uint32_t m, std::int64_t size_bytes);

  [[nodiscard]] TrafficCounts counts() const;

 private:
  struct Requested {
    std::array<std::int64_t, 3> bytes{};  // by Moves
  };
  /// Of the allocation that holds [first, end); null when it is not counted by itself.
  Requested* requested(std::uint64_t first, std::uint64_t end);

  const GlobalMemory& memory_;
  std::vector<Requested> requested_;  // by allocation
  std::size_t last_ = 0;              // the allocation that was used last
  BankCounts banks_;
  TrafficCounts counts_;
  SectorSet read_;
  SectorSet written_;
};

}  // namespace attest::ptx
