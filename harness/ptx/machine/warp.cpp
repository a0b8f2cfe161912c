// Divergence: subsets of lanes, lowest code address first, fair in the long run, merged where they
// meet.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/warp.h"

#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <algorithm>

namespace attest::ptx {
namespace {

// Every so many switches another subset than the lowest goes first, so that lanes which wait for
// their siblings in a loop at a lower address cannot starve them.
constexpr std::uint32_t kFairnessPeriod = 256;

// A turn of a warp ends when it enters blocks that poll this often: it may wait for another warp.
constexpr std::uint32_t kPollsPerTurn = 2;

enum class Parked : std::uint8_t { ready, waiting, polling };

void park(Warp& w, const Instr* at, std::uint32_t lanes, Parked how) {
  for (LaneSubset& s : w.pending) {
    if (s.at == at) {
      s.lanes |= lanes;
      s.is_waiting = false;  // more lanes have come: try again
      s.is_polling = s.is_polling && how == Parked::polling;
      return;
    }
  }
  w.pending.push_back({at, lanes, how == Parked::waiting, how == Parked::polling});
}

const BlockInfo& block(const Warp& w, const Instr* leader) {
  return w.cta->grid().program().blocks[leader->op[0]];
}

/// Lanes may be waiting for what others of their warp write: once those have, all are equal again.
void end_polling(Warp& w) {
  for (LaneSubset& s : w.pending)
    s.is_polling = false;
}

/// Entering a block in a diverged warp.
void note_stores(Warp& w, const Instr* leader) {
  if (w.has_written) end_polling(w);
  w.has_written = block(w, leader).has_store;
}

int lowest_lane(std::uint32_t lanes) {
  return lanes == 0 ? 0 : __builtin_ctz(lanes);
}

/// Whether `a` goes before `b`: those that do not poll first, then the lower address.
bool goes_before(const LaneSubset& a, const LaneSubset& b) {
  if (a.is_polling != b.is_polling) return b.is_polling;
  return a.at < b.at;
}

const Instr* pick(Warp& w) {
  std::size_t ready = 0;
  std::size_t best = w.pending.size();
  for (std::size_t n = 0; n < w.pending.size(); ++n) {
    if (w.pending[n].is_waiting) continue;
    ++ready;
    if (best == w.pending.size() || goes_before(w.pending[n], w.pending[best])) best = n;
  }
  if (ready == 0) {
    const LaneSubset& s = w.pending.front();
    return report(w,
                  s.at,
                  lowest_lane(s.lanes),
                  FindingKind::barrier_divergence,
                  "lanes of one warp wait at different instructions, or for lanes that never come");
  }
  if (++w.turns % kFairnessPeriod == 0) {
    std::size_t nth = (w.turns / kFairnessPeriod) % ready;
    for (best = 0; w.pending[best].is_waiting || nth-- != 0; ++best) {
    }
  }
  const LaneSubset chosen = w.pending[best];
  w.pending.erase(w.pending.begin() + static_cast<std::ptrdiff_t>(best));
  w.active = chosen.lanes;
  if (!chosen.is_polling) return chosen.at;
  end_polling(w);  // all of them poll: each once more, then other warps
  if (++w.polls < kPollsPerTurn) return chosen.at;
  w.state = WarpState::polling;
  w.resume = chosen.at;
  return nullptr;
}

}  // namespace

const Instr* enter_block(Warp& w, const Instr* i) {
  ++w.block_counts[i->op[0]];
  w.budget -= i->imm;
  if (w.budget < 0 || !w.pending.empty()) [[unlikely]]
    return w.at_leader(i);
  return i + 1;
}

const Instr* enter_polling_block(Warp& w, const Instr* i) {
  ++w.block_counts[i->op[0]];
  w.budget -= i->imm;
  return w.at_poll(i);
}

const Instr* Warp::at_leader(const Instr* leader) {
  if (budget < 0) {
    state = WarpState::sliced;
    resume = leader + 1;
    return nullptr;
  }
  note_stores(*this, leader);
  return switch_subset(leader + 1, false);
}

const Instr* Warp::at_poll(const Instr* leader) {
  if (budget < 0) {
    state = WarpState::sliced;
    resume = leader + 1;
    return nullptr;
  }
  if (!pending.empty()) {
    note_stores(*this, leader);
    park(*this, leader + 1, active, Parked::polling);
    return pick(*this);
  }
  if (++polls < kPollsPerTurn) return leader + 1;
  state = WarpState::polling;
  resume = leader + 1;
  return nullptr;
}

const Instr* Warp::waits_at() const {
  if (state == WarpState::at_barrier) return barrier.is_reduction ? resume : resume - 1;
  const bool is_polling = state == WarpState::polling && (resume - 1)->run == enter_polling_block;
  if (!is_polling) return resume;
  const Program& program = cta->grid().program();
  return &program.code[static_cast<std::size_t>(block(*this, resume - 1).poll)];
}

int Warp::first_lane() const {
  return lowest_lane(active != 0 ? active : live);
}

void Warp::note_change() {
  has_written = true;
  cta->grid().note_change();
}

const Instr* Warp::switch_subset(const Instr* at, bool is_waiting) {
  park(*this, at, active, is_waiting ? Parked::waiting : Parked::ready);
  return pick(*this);
}

const Instr* Warp::diverge(const Instr* target, std::uint32_t taken, const Instr* fall_through) {
  ++block_counts[target->op[0]];
  budget -= target->imm;
  const bool is_polling = block(*this, target).poll >= 0;
  park(*this, target + 1, taken, is_polling ? Parked::polling : Parked::ready);
  active &= ~taken;
  return fall_through;
}

void Warp::wait_for_members(const Instr* i, const Instr** next) {
  const std::uint32_t executing = lanes(*i);
  const std::uint32_t rest = active & ~executing;
  park(*this, i, executing, Parked::waiting);
  if (rest != 0) {
    active = rest;
    *next = i + 1;
  } else {
    *next = pick(*this);
  }
}

const Instr* Warp::exit_lanes(std::uint32_t lanes, const Instr* next) {
  live &= ~lanes;
  active &= ~lanes;
  for (LaneSubset& s : pending)
    s.is_waiting = false;
  if (active != 0) return next;
  if (!pending.empty()) return pick(*this);
  state = WarpState::done;
  return nullptr;
}

}  // namespace attest::ptx
