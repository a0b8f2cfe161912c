// VectorClock: which accesses of other warps and blocks are known to be ordered before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace attest::ptx {

/// For each block a time that holds for all of its warps, and later times of single warps; every
/// access before that time is known. Sparse: only what synchronised is there. Too much of it, and
/// the clock knows everything: races may then be missed, none is invented.
class VectorClock {
 public:
  static constexpr std::size_t kMaxEntries = 1 << 14;

  void learn(std::uint32_t block, std::uint32_t warp, std::uint32_t time) {
    learn_key(key(block, warp), time);
  }
  void learn_block(std::uint32_t block, std::uint32_t time) { learn_key(floor_key(block), time); }
  void learn_everything();
  void join(const VectorClock& other);

  [[nodiscard]] bool covers(std::uint32_t block, std::uint32_t warp, std::uint32_t time) const;
  /// An access of some warp of the block that is not known: true when it may be a covered one.
  [[nodiscard]] bool may_cover(std::uint32_t block, std::uint32_t time) const;
  [[nodiscard]] bool covers(const VectorClock& other) const;
  [[nodiscard]] bool knows_everything() const { return knows_everything_; }

  /// Calls act(warp, time) for each warp of the block with a time of its own.
  template <class Act>
  void for_each_warp(std::uint32_t block, Act act) const {
    for (auto e = lower(floor_key(block) + 1); e != entries_.end() && e->key >> kWarpBits == block;
         ++e)
      act(static_cast<std::uint32_t>(e->key & ((1u << kWarpBits) - 1)) - 1, e->time);
  }

 private:
  static constexpr int kWarpBits = 6;
  struct Entry {
    std::uint64_t key;  // block, then 0 for all warps or the warp's number + 1
    std::uint32_t time;
  };
  static std::uint64_t floor_key(std::uint32_t block) { return std::uint64_t{block} << kWarpBits; }
  static std::uint64_t key(std::uint32_t block, std::uint32_t warp) {
    return floor_key(block) | (warp + 1);
  }
  void learn_key(std::uint64_t key, std::uint32_t time);
  [[nodiscard]] std::vector<Entry>::const_iterator lower(std::uint64_t key) const;

  std::vector<Entry> entries_;  // ascending key
  bool knows_everything_ = false;
};

/// Clocks are handed on, not changed: a release gives its clock to everyone who acquires.
using SharedClock = std::shared_ptr<const VectorClock>;

/// What both know; null knows nothing.
[[nodiscard]] SharedClock joined(const SharedClock& a, const SharedClock& b);

}  // namespace attest::ptx
