// Divergence: subsets of lanes, lowest code address first, fair in the long run, merged where they
// meet.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/warp.h"

#include "harness/ptx/machine/report.h"

#include <algorithm>

namespace attest::ptx {
namespace {

// Every so many switches another subset than the lowest goes first, so that lanes which wait for
// their siblings in a loop at a lower address cannot starve them.
constexpr std::uint32_t kFairnessPeriod = 256;

void park(Warp& w, const Instr* at, std::uint32_t lanes, bool is_waiting) {
  for (LaneSubset& s : w.pending) {
    if (s.at == at) {
      s.lanes |= lanes;
      s.is_waiting = false;  // more lanes have come: try again
      return;
    }
  }
  w.pending.push_back({at, lanes, is_waiting});
}

int lowest_lane(std::uint32_t lanes) {
  return lanes == 0 ? 0 : __builtin_ctz(lanes);
}

const Instr* pick(Warp& w) {
  std::size_t ready = 0;
  std::size_t best = w.pending.size();
  for (std::size_t n = 0; n < w.pending.size(); ++n) {
    if (w.pending[n].is_waiting) continue;
    ++ready;
    if (best == w.pending.size() || w.pending[n].at < w.pending[best].at) best = n;
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
  return chosen.at;
}

}  // namespace

const Instr* enter_block(Warp& w, const Instr* i) {
  ++w.block_counts[i->op[0]];
  w.budget -= i->imm;
  if (w.budget < 0 || !w.pending.empty()) [[unlikely]]
    return w.at_leader(i);
  return i + 1;
}

const Instr* Warp::at_leader(const Instr* leader) {
  if (budget < 0) {
    state = WarpState::sliced;
    resume = leader + 1;
    return nullptr;
  }
  return switch_subset(leader + 1, false);
}

const Instr* Warp::switch_subset(const Instr* at, bool is_waiting) {
  park(*this, at, active, is_waiting);
  return pick(*this);
}

const Instr* Warp::diverge(const Instr* target, std::uint32_t taken, const Instr* fall_through) {
  ++block_counts[target->op[0]];
  budget -= target->imm;
  park(*this, target + 1, taken, false);
  active &= ~taken;
  return fall_through;
}

bool Warp::converged(const Instr* i, std::uint32_t members, const Instr** next) {
  const std::uint32_t executing = lanes(*i);
  if ((members & live & ~executing) == 0) return true;
  const std::uint32_t rest = active & ~executing;
  park(*this, i, executing, true);
  if (rest != 0) {
    active = rest;
    *next = i + 1;
  } else {
    *next = pick(*this);
  }
  return false;
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
