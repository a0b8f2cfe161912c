// The round-robin over a block's warps, and its barrier.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/cta.h"

#include "harness/base/rng.h"
#include "harness/ptx/machine/report.h"
#include "harness/ptx/machine/special_registers.h"
#include "harness/ptx/machine/undefined.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <numeric>
#include <utility>

namespace attest::ptx {
namespace {

// A warp runs this long before its siblings get a turn, unless it stops by itself.
constexpr std::int64_t kWarpSlice = 8192;
// Under a seed: from 2^6 on.
constexpr int kShortSliceBits = 6;
constexpr std::uint64_t kSliceChoices = 8;
constexpr std::uint64_t kSliceStream = 0x77736c696365;  // "wslice"

std::uint32_t threads(const Dim3& d) {
  return d.x * d.y * d.z;
}

void fill_row(Warp& w, std::uint32_t offset, std::uint32_t value) {
  std::fill_n(w.row<std::uint32_t>(offset), kLanes, value);
}

}  // namespace

void Cta::Aligned64::operator()(std::byte* p) const {
  ::operator delete[](p, std::align_val_t{64});
}

Cta::Cta(Grid& grid) : grid_(grid) {
  const Program& program = grid.program();
  const std::uint32_t count = (threads(grid.launch().block) + kLanes - 1) / kLanes;
  const auto bytes = static_cast<std::size_t>(program.row_bytes) * count;
  rows_.reset(static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{64})));
  std::memset(rows_.get(), 0, bytes);
  predicates_.resize(static_cast<std::size_t>(program.predicate_count) * count);
  warps_.resize(count);
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0u);
  for (std::uint32_t n = 0; n < count; ++n) {
    Warp& w = warps_[n];
    w.rows = rows_.get() + static_cast<std::size_t>(program.row_bytes) * n;
    w.predicates = predicates_.data() + static_cast<std::size_t>(program.predicate_count) * n;
    w.index = n;
    w.cta = this;
    w.traffic = grid.traffic();
    w.block_counts = grid.block_counts().data();
    const std::uint32_t rest = threads(grid.launch().block) - n * kLanes;
    w.started = rest >= kLanes ? kAllLanes : (1u << rest) - 1;
    fill_constants(w);
  }
}

Dim3 Cta::thread(std::uint32_t linear) const {
  const Dim3& b = grid_.launch().block;
  return {linear % b.x, linear / b.x % b.y, linear / b.x / b.y};
}

/// Immediates, and the special registers that never change during a launch.
void Cta::fill_constants(Warp& warp) {
  const Program& program = grid_.program();
  for (const Program::Constant& c : program.constants) {
    if (c.is_wide) {
      const std::uint64_t address = c.variable < 0 ? 0 : grid_.variable_address(c.variable);
      std::fill_n(warp.row<std::uint64_t>(c.row), kLanes, c.bits + address);
    } else {
      fill_row(warp, c.row, static_cast<std::uint32_t>(c.bits));
    }
  }
  fill_special_rows(warp, SpecialRegister::Changes::never);
}

std::int64_t Cta::bytes(const Grid& grid) {
  const Program& program = grid.program();
  const std::int64_t warps = (threads(grid.launch().block) + kLanes - 1) / kLanes;
  const auto predicates = std::int64_t{4} * program.predicate_count;
  const std::int64_t shared = SharedMemory::bytes(
      grid.shared_bytes(), grid.options().is_checked, grid.options().keeps_sites);
  const std::int64_t local =
      warps * kLanes * program.local_bytes * (grid.options().is_checked ? 2 : 1);
  return warps * (program.row_bytes + predicates + std::int64_t{sizeof(Warp)}) + shared + local;
}

void Cta::start(Dim3 index, std::uint64_t number) {
  index_ = index;
  number_ = number;
  round_ = 0;
  arrivals_ = {};
  const LaunchOptions& options = grid_.options();
  shared_.reset(grid_.shared_bytes(), options.is_checked, options.keeps_sites);
  ordering_.start(static_cast<std::uint32_t>(number), &shared_, &grid_.publications());
  if (const std::int64_t bytes = grid_.program().local_bytes; bytes != 0)
    local_.reset(static_cast<std::int64_t>(warps_.size()) * kLanes, bytes, options.is_checked);
  mbarriers_.reset();
  for (Warp& w : warps_) {
    std::fill_n(w.predicates, grid_.program().predicate_count, 0u);
    w.predicates[0] = kAllLanes;
    w.active = w.live = w.started;
    w.state = WarpState::running;
    w.resume = grid_.program().code.data() + grid_.program().first;
    w.pending.clear();
    w.turns = 0;
    w.has_written = false;
    w.wait_cycle = {};
    w.sync_clock = 0;
    w.barrier = {};
    w.copies.clear();
    w.committed_groups.fill(0);
    w.issued_copies.fill(0);
    w.delivered_copies.fill(0);
    fill_special_rows(w, SpecialRegister::Changes::with_block);
    start_undefined(w);
  }
}

void Cta::order_warps() {
  const std::uint64_t seed = grid_.options().schedule;
  if (seed == 0) return;
  ++round_;
  for (std::size_t n = order_.size(); n > 1; --n) {
    const std::uint64_t bits = random_bits(seed, number_, round_ << 16 | n);
    std::swap(order_[n - 1], order_[bits % n]);
  }
}

std::int64_t Cta::slice(const Warp& warp) const {
  const std::uint64_t seed = grid_.options().schedule;
  if (seed == 0) return kWarpSlice;
  const std::uint64_t bits =
      random_bits(seed, mix64(kSliceStream ^ number_), round_ << 16 | warp.index);
  return std::int64_t{1} << (kShortSliceBits + bits % kSliceChoices);
}

void Cta::run_warp(Warp& w, std::int64_t* budget) {
  const std::int64_t granted = slice(w);
  w.state = WarpState::running;
  w.budget = granted;
  w.clock_at_zero_budget = grid_.clock() + granted;
  w.polls = 0;
  for (const Instr* i = w.resume; i != nullptr;)
    i = i->run(w, i);
  *budget -= granted - w.budget;
  grid_.clock() += granted - w.budget;
}

Cta::Outcome Cta::run(std::int64_t* budget) {
  for (;;) {
    order_warps();
    bool is_any_ready = false;
    bool is_any_polling = false;
    bool is_any_live = false;
    for (const std::uint32_t n : order_) {
      Warp& w = warps_[n];
      if (w.state != WarpState::done && w.state != WarpState::at_barrier) run_warp(w, budget);
      if (w.state == WarpState::faulted) return Outcome::faulted;
      is_any_ready |= w.state == WarpState::sliced;
      is_any_polling |= w.state == WarpState::polling;
      is_any_live |= w.state != WarpState::done;
    }
    if (!is_any_live) return Outcome::finished;
    for (const Warp& w : warps_)  // a barrier that a later warp completed
      is_any_ready |= w.state == WarpState::running;
    if (release_barriers()) is_any_ready = true;
    if (!is_any_ready && !is_any_polling) {
      report_stuck();
      return Outcome::faulted;
    }
    if (*budget < 0) return Outcome::sliced;
    if (is_any_ready) continue;
    const std::uint64_t changes = grid_.changes();
    if (changes == changes_) return Outcome::waiting;
    changes_ = changes;
  }
}

bool Cta::waits_for_ever(std::uint64_t epoch) {
  bool is_for_ever = true;
  for (Warp& w : warps_) {
    if (w.state == WarpState::polling) is_for_ever &= w.wait_cycle.observe(epoch, state_of(w));
  }
  return is_for_ever;
}

void Cta::arrive(const Warp& warp, std::uint32_t barrier, std::uint32_t threads) {
  if (shared_.is_checked()) ordering_.gather(warp.index, &arrivals_[barrier].order);
  arrivals_[barrier].came += kLanes;
  arrivals_[barrier].threads = threads;
  release(barrier);
}

std::uint32_t Cta::threads_of(std::uint32_t barrier) const {
  std::uint32_t threads = arrivals_[barrier].threads;
  for (const Warp& w : warps_) {
    if (w.state == WarpState::at_barrier && w.barrier.number == barrier)
      threads = std::max(threads, w.barrier.threads);
  }
  return threads;
}

/// A barrier counts whole warps. Of every warp that still runs, it orders the block; of some of
/// them, only those.
bool Cta::release(std::uint32_t barrier) {
  const std::uint32_t expected = threads_of(barrier);
  std::uint32_t came = arrivals_[barrier].came;
  std::uint32_t live_warps = 0;
  std::uint32_t waiting_warps = 0;
  std::uint32_t voted = 0;
  std::uint32_t voted_for = 0;
  const auto waits = [barrier](const Warp& w) {
    return w.state == WarpState::at_barrier && w.barrier.number == barrier;
  };
  for (const Warp& w : warps_) {
    if (w.state != WarpState::done) ++live_warps;
    if (!waits(w)) continue;
    ++waiting_warps;
    voted += static_cast<std::uint32_t>(__builtin_popcount(w.started));
    voted_for += static_cast<std::uint32_t>(__builtin_popcount(w.barrier.votes));
  }
  came += waiting_warps * kLanes;
  if (came == 0 || came < (expected != 0 ? expected : live_warps * kLanes)) return false;
  BlockOrder::Gathered gathered = std::move(arrivals_[barrier].order);
  arrivals_[barrier] = {};
  const bool is_whole = waiting_warps == live_warps;
  if (is_whole) {
    shared_.barrier();
    ordering_.barrier();
  } else if (shared_.is_checked()) {
    for (const Warp& w : warps_) {
      if (waits(w)) ordering_.gather(w.index, &gathered);
    }
  }
  for (Warp& w : warps_) {
    if (!waits(w)) continue;
    if (!is_whole && shared_.is_checked()) ordering_.learn(w.index, gathered);
    w.state = WarpState::running;
    w.barrier.is_complete = w.barrier.is_reduction;
    w.barrier.came = voted;
    w.barrier.came_for = voted_for;
  }
  return true;
}

bool Cta::release_barriers() {
  bool is_any_released = false;
  for (const Warp& w : warps_) {
    if (w.state == WarpState::at_barrier) is_any_released |= release(w.barrier.number);
  }
  return is_any_released;
}

void Cta::report_stuck() {
  for (Warp& w : warps_) {
    if (w.state != WarpState::at_barrier) continue;
    report(w,
           w.waits_at(),
           w.first_lane(),
           FindingKind::no_progress,
           "deadlock: the warps of the block wait at different barriers");
    return;
  }
}

}  // namespace attest::ptx
