// Releases, acquires and barriers as joins of vector clocks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/ordering.h"

#include "harness/ptx/machine/cta.h"

#include <algorithm>
#include <utility>

namespace attest::ptx {
namespace {

// Strong reads of more places than this, before a fence, are kept as one.
constexpr std::size_t kMaxObserved = 8;

void raise(BlockOrder::Times* to, const BlockOrder::Times& from) {
  for (std::size_t n = 0; n < to->size(); ++n)
    (*to)[n] = std::max((*to)[n], from[n]);
}

}  // namespace

void order_access(
    Warp& w, int lane, Space space, std::uint64_t address, Effect effect, MemoryOrder order) {
  if (!order.is_strong || !w.cta->shared().is_checked()) return;
  w.cta->order().access(w.index, static_cast<std::uint32_t>(lane), space, address, effect, order);
}

void order_fence(Warp& w, std::uint32_t lanes, Fence fence) {
  if (lanes != 0 && w.cta->shared().is_checked()) w.cta->order().fence(w.index, lanes, fence);
}

const Publications::Entry* Publications::find(std::uint64_t address, std::uint64_t block) const {
  if (entries_.empty()) return nullptr;
  if (overflow_.clock != nullptr) return &overflow_;
  const auto found = entries_.find({address, block});
  return found == entries_.end() ? nullptr : &found->second;
}

Publications::Entry& Publications::at(std::uint64_t address, std::uint64_t block) {
  if (entries_.size() >= kMaxEntries && overflow_.clock == nullptr) {
    auto everything = std::make_shared<VectorClock>();
    everything->learn_everything();
    overflow_.clock = std::move(everything);
  }
  return overflow_.clock != nullptr ? overflow_ : entries_[{address, block}];
}

void Publications::add(std::uint64_t address, std::uint64_t block, Entry entry) {
  Entry& e = at(address, block);
  if (&e == &overflow_) return;
  if (e.clock != nullptr && e.origin != entry.origin) entry.origin = kSeveralBlocks;
  e = {joined(e.clock, entry.clock), entry.origin};
}

void Publications::erase(std::uint64_t address, std::uint64_t block) {
  if (!entries_.empty()) entries_.erase({address, block});
}

void BlockOrder::start(std::uint32_t block, SharedMemory* shared, Publications* published) {
  block_ = block;
  shared_ = shared;
  in_global_ = published;
  if (!is_active_) return;
  is_active_ = false;
  warps_.clear();
  in_shared_.clear();
}

void BlockOrder::activate() {
  if (is_active_) return;
  is_active_ = true;
  warps_.resize(kMaxWarps);
}

/// All that is ordered before what the warp does next; what it does from now on is newer.
SharedClock BlockOrder::snapshot(std::uint32_t warp) {
  activate();
  const WarpOrder& own = warps_[warp];
  auto clock = own.clock == nullptr ? std::make_shared<VectorClock>()
                                    : std::make_shared<VectorClock>(*own.clock);
  const std::uint32_t floor = shared_->floor_time();
  clock->learn_block(block_, floor);
  for (std::uint32_t n = 0; n < kMaxWarps; ++n) {
    if (own.known[n] > floor) clock->learn(block_, n, own.known[n]);
  }
  clock->learn(block_, warp, shared_->advance());
  return clock;
}

void BlockOrder::acquire(std::uint32_t warp, const SharedClock& clock) {
  activate();
  WarpOrder& own = warps_[warp];
  own.clock = joined(own.clock, clock);
  clock->for_each_warp(block_, [&](std::uint32_t other, std::uint32_t time) {
    own.known[other] = std::max(own.known[other], time);
  });
  if (clock->knows_everything()) own.known.fill(~0u);
}

bool BlockOrder::is_visible(const Publications::Entry& entry, bool is_cta) const {
  return !is_cta || entry.origin == block_ || entry.origin == Publications::kSeveralBlocks;
}

void BlockOrder::acquire_observed(std::uint32_t warp, std::uint32_t lanes, bool is_cta) {
  if (!is_active_) return;
  std::vector<Observed>& observed = warps_[warp].observed;
  for (Observed& o : observed) {
    if ((o.lanes & lanes) == 0) continue;
    if (is_visible(o.entry, is_cta)) acquire(warp, o.entry.clock);
    o.lanes &= ~lanes;
  }
  std::erase_if(observed, [](const Observed& o) { return o.lanes == 0; });
}

void BlockOrder::observe(std::uint32_t warp,
                         std::uint32_t lane,
                         const Publications::Entry* entry,
                         MemoryOrder order) {
  if (entry == nullptr || entry->clock == nullptr || !is_visible(*entry, order.is_cta)) return;
  if (order.acquires) return acquire(warp, entry->clock);
  activate();
  std::vector<Observed>& observed = warps_[warp].observed;
  for (Observed& o : observed) {
    const bool is_same = o.entry.clock == entry->clock && o.entry.origin == entry->origin;
    if (!is_same && observed.size() < kMaxObserved) continue;
    if (!is_same) o.entry = {joined(o.entry.clock, entry->clock), Publications::kSeveralBlocks};
    o.lanes |= 1u << lane;
    return;
  }
  observed.push_back({1u << lane, *entry});
}

void BlockOrder::publish(std::uint32_t warp,
                         std::uint32_t lane,
                         Publications& to,
                         std::uint64_t address,
                         Effect effect,
                         MemoryOrder order) {
  SharedClock clock;
  bool is_cta = order.is_cta;
  if (order.releases) {
    clock = snapshot(warp);
  } else if (is_active_) {
    const WarpOrder& own = warps_[warp];
    if (!is_cta && (own.wide.lanes >> lane & 1) != 0) {
      clock = own.wide.clock;
    } else if ((own.narrow.lanes >> lane & 1) != 0) {
      clock = own.narrow.clock;
      is_cta = true;
    }
  }
  const std::uint64_t mine = std::uint64_t{block_} + 1;
  if (effect == Effect::write) {
    to.erase(address, 0);
    to.erase(address, mine);
  }
  if (clock != nullptr) to.add(address, is_cta ? mine : 0, {std::move(clock), block_});
}

void BlockOrder::access(std::uint32_t warp,
                        std::uint32_t lane,
                        Space space,
                        std::uint64_t address,
                        Effect effect,
                        MemoryOrder order) {
  Publications& at = space == Space::shared ? in_shared_ : *in_global_;
  if (effect != Effect::write && !at.empty()) {
    observe(warp, lane, at.find(address, 0), order);
    observe(warp, lane, at.find(address, std::uint64_t{block_} + 1), order);
  }
  if (effect != Effect::read) publish(warp, lane, at, address, effect, order);
}

void BlockOrder::fence(std::uint32_t warp, std::uint32_t lanes, Fence fence) {
  if (fence.acquires) acquire_observed(warp, lanes, fence.is_cta);
  if (!fence.releases) return;
  SharedClock clock = snapshot(warp);
  WarpOrder& own = warps_[warp];
  const auto release = [&](Released& to) {
    to.lanes |= lanes;
    to.clock = clock;
  };
  if (!fence.is_cta) release(own.wide);
  release(own.narrow);
}

void BlockOrder::barrier() {
  if (!is_active_) return;
  SharedClock all;
  for (std::uint32_t n = 0; n < kMaxWarps; ++n) {
    acquire_observed(n, ~0u, false);
    all = joined(all, warps_[n].clock);
  }
  for (WarpOrder& w : warps_)
    w.clock = all;
}

void BlockOrder::gather(std::uint32_t warp, Gathered* into) {
  activate();
  acquire_observed(warp, ~0u, false);
  const WarpOrder& own = warps_[warp];
  raise(&into->known, own.known);
  into->known[warp] = shared_->advance();
  into->clock = joined(into->clock, own.clock);
}

void BlockOrder::learn(std::uint32_t warp, const Gathered& from) {
  activate();
  raise(&warps_[warp].known, from.known);
  warps_[warp].clock = joined(warps_[warp].clock, from.clock);
}

}  // namespace attest::ptx
