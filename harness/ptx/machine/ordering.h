// Ordering: who is ordered after whom by fences, releases, acquires, atomics and named barriers;
// vector clocks at (block, warp), which the shadows ask only when their own clock has no answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/finding.h"
#include "harness/ptx/memory/shared_memory.h"
#include "harness/ptx/memory/vector_clock.h"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace attest::ptx {

struct Warp;

/// What a load, a store or an atomic says to other threads (PTX ISA, memory consistency model).
/// The default is a weak access. Clusters have one block here, so .cluster is .cta.
struct MemoryOrder {
  bool is_strong = false;  // .relaxed, .volatile, .acquire, .release, and every atomic
  bool acquires = false;
  bool releases = false;
  bool is_cta = false;  // scope .cta
};

enum class Effect : std::uint8_t { read, write, update };  // update: an atomic does both

/// A strong access of one lane. `address` is the one of its space (shared: within the block's
/// shared memory). To be called once per lane, in the order in which the lanes take effect, after
/// bounds have been checked; a weak access need not be told.
void order_access(
    Warp& w, int lane, Space space, std::uint64_t address, Effect effect, MemoryOrder order);

/// fence, membar: which halves, and whether the scope is .cta.
struct Fence {
  bool acquires = true;
  bool releases = true;
  bool is_cta = false;
};
void order_fence(Warp& w, std::uint32_t lanes, Fence fence);

/// What releases left at addresses, for those who acquire there.
///
/// A release is a .release, or a strong write after a fence of the same thread: it publishes the
/// block's floor (all before its last barrier), all that its warp did before the release or fence,
/// and all that the warp has acquired. Atomics hand on what they find; another strong write ends
/// it. An acquire is an .acquire, or a strong read before a fence of the same thread; a barrier
/// counts as that fence, because kernels in wide use read a ticket, pass a barrier and go on.
/// What a lane acquires counts for its warp. So order may be seen that is not there, never less
/// than there is.
class Publications {
 public:
  static constexpr std::uint32_t kSeveralBlocks = ~0u;
  struct Entry {
    SharedClock clock;
    std::uint32_t origin = kSeveralBlocks;  // the block that released, when it is one
  };

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// `block`: 0, or the block's number + 1 for what only this block may see.
  [[nodiscard]] const Entry* find(std::uint64_t address, std::uint64_t block) const;
  void add(std::uint64_t address, std::uint64_t block, Entry entry);
  void erase(std::uint64_t address, std::uint64_t block);
  void clear() { entries_.clear(); }

 private:
  static constexpr std::size_t kMaxEntries = 1 << 20;
  struct Key {
    std::uint64_t address;
    std::uint64_t block;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& k) const {
      return static_cast<std::size_t>((k.address ^ k.block << 48) * 0x9e3779b97f4a7c15ull >> 16);
    }
  };
  [[nodiscard]] Entry& at(std::uint64_t address, std::uint64_t block);
  std::unordered_map<Key, Entry, Hash> entries_;
  Entry overflow_;  // beyond the limit all addresses share one, which knows everything
};

/// One resident block's view.
class BlockOrder {
 public:
  using Times = std::array<std::uint32_t, kMaxWarps>;  // per warp: accesses before are known

  /// What goes with an arrival at a barrier, to those who wait there.
  struct Gathered {
    Times known{};
    SharedClock clock;
  };

  /// For a new block. `published`: of the launch, in global memory.
  void start(std::uint32_t block, SharedMemory* shared, Publications* published);

  /// Times of the block's warps that `warp` knows beyond the shadow's floor; null: none.
  [[nodiscard]] const std::uint32_t* known(std::uint32_t warp) const {
    return is_active_ ? warps_[warp].known.data() : nullptr;
  }
  /// What it knows of other blocks; null: nothing.
  [[nodiscard]] const VectorClock* clock(std::uint32_t warp) const {
    return is_active_ ? warps_[warp].clock.get() : nullptr;
  }
  [[nodiscard]] std::uint32_t block() const { return block_; }

  void access(std::uint32_t warp,
              std::uint32_t lane,
              Space space,
              std::uint64_t address,
              Effect effect,
              MemoryOrder order);
  void fence(std::uint32_t warp, std::uint32_t lanes, Fence fence);

  /// A barrier of all warps: the shadow's floor orders the block; what they acquired joins.
  void barrier();
  /// A warp comes to a barrier of some warps or of an mbarrier; and one goes on from it.
  void gather(std::uint32_t warp, Gathered* into);
  void learn(std::uint32_t warp, const Gathered& from);

 private:
  struct Released {  // by a fence, for the strong writes that follow
    std::uint32_t lanes = 0;
    SharedClock clock;
  };
  struct Observed {  // by strong reads, until a fence
    std::uint32_t lanes = 0;
    Publications::Entry entry;
  };
  struct WarpOrder {
    Times known{};
    SharedClock clock;
    Released wide;    // visible to all
    Released narrow;  // visible to this block
    std::vector<Observed> observed;
  };

  void activate();
  [[nodiscard]] SharedClock snapshot(std::uint32_t warp);
  void acquire(std::uint32_t warp, const SharedClock& clock);
  void acquire_observed(std::uint32_t warp, std::uint32_t lanes, bool is_cta);
  void observe(std::uint32_t warp,
               std::uint32_t lane,
               const Publications::Entry* entry,
               MemoryOrder order);
  void publish(std::uint32_t warp,
               std::uint32_t lane,
               Publications& to,
               std::uint64_t address,
               Effect effect,
               MemoryOrder order);
  [[nodiscard]] bool is_visible(const Publications::Entry& entry, bool is_cta) const;

  std::vector<WarpOrder> warps_;  // once active
  Publications in_shared_;
  Publications* in_global_ = nullptr;
  SharedMemory* shared_ = nullptr;
  std::uint32_t block_ = 0;
  bool is_active_ = false;
};

}  // namespace attest::ptx
