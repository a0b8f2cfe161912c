// Barriers of a block, which bar and barrier spell: sync, arrive and red.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/insn/insn.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <optional>
#include <string>

namespace attest::ptx {

/// Which barrier, and of how many threads; 0: of the whole block.
struct BarrierOperands {
  u32 number = 0;
  u32 threads = 0;
};

/// From the rows of the operands; the manual wants one value in all lanes. Empty after a finding.
inline std::optional<BarrierOperands> barrier_operands(Warp& w,
                                                       const Instr* i,
                                                       const u32* number,
                                                       const u32* threads) {
  const int lane = std::countr_zero(w.lanes(*i));
  const BarrierOperands b{number[lane], threads == nullptr ? 0 : threads[lane]};
  std::string wrong;
  if (b.number >= kBarriers) {
    wrong = "barrier " + std::to_string(b.number) + ": a block has 16";
  } else if (threads != nullptr && (b.threads == 0 || b.threads % kLanes != 0)) {
    wrong = "a barrier of " + std::to_string(b.threads) + " threads: not a multiple of 32";
  } else if (const u32 other = w.cta->threads_of(b.number); other != b.threads && other != 0) {
    wrong = "a barrier of " + std::to_string(b.threads) + " threads, where others said " +
            std::to_string(other);
  }
  if (wrong.empty()) return b;
  report(w, i, lane, FindingKind::barrier_divergence, std::move(wrong));
  return std::nullopt;
}

/// The lanes of a warp come to a barrier together. Otherwise sets `next` to what the handler
/// returns.
inline bool warp_has_come(Warp& w, const Instr* i, const Instr** next) {
  if (!w.converged(i, w.started, next)) return false;
  if (w.live == w.started) return true;
  *next = report(w,
                 i,
                 std::countr_zero(w.live),
                 FindingKind::barrier_divergence,
                 "some lanes of the warp have ended, the others wait at a barrier");
  return false;
}

/// Stops the warp, unless it is the last one; then it goes on at once.
inline const Instr* wait_at_barrier(Warp& w, const BarrierOperands& b, const Instr* resume) {
  w.state = WarpState::at_barrier;
  w.barrier.number = b.number;
  w.barrier.threads = b.threads;
  w.resume = resume;
  return b.threads != 0 && w.cta->release(b.number) ? resume : nullptr;
}

/// `#n` alone: imm is the number.
inline const Instr* sync_numbered(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  const Instr* next = nullptr;
  if (!warp_has_come(w, i, &next)) return next;
  return wait_at_barrier(w, {static_cast<u32>(i->imm), 0}, i + 1);
}
inline Handler numbered_barrier(const Match& match, Instr* out) {
  out->imm = match.integer(0);
  return out->imm >= 0 && out->imm < s64{kBarriers} ? sync_numbered : nullptr;
}

enum class Arrival : u8 { waits, goes_on };

/// op: number(, threads).
template <Arrival A, bool IsCounted>
const Instr* sync_in_registers(Warp& w, const Instr* i) {
  if (w.lanes(*i) == 0) return i + 1;
  const Instr* next = nullptr;
  if (!warp_has_come(w, i, &next)) return next;
  const auto b = barrier_operands(
      w, i, w.row<const u32>(i->op[0]), IsCounted ? w.row<const u32>(i->op[1]) : nullptr);
  if (!b) return nullptr;
  if (A == Arrival::waits) return wait_at_barrier(w, *b, i + 1);
  w.cta->arrive(w, b->number, b->threads);
  return i + 1;
}

enum class Reduction : u8 { count, all, any };

/// op: d or p, number(, threads), predicate (index and flip). Runs twice: it votes and waits, then
/// takes the outcome.
template <Reduction R, bool IsCounted>
const Instr* reduce_at_barrier(Warp& w, const Instr* i) {
  const u32 m = w.lanes(*i);
  if (m == 0) return i + 1;
  constexpr std::size_t kPredicate = IsCounted ? 3 : 2;
  if (!w.barrier.is_complete) {
    const Instr* next = nullptr;
    if (!warp_has_come(w, i, &next)) return next;
    const auto b = barrier_operands(
        w, i, w.row<const u32>(i->op[1]), IsCounted ? w.row<const u32>(i->op[2]) : nullptr);
    if (!b) return nullptr;
    w.barrier.votes = (w.predicates[i->op[kPredicate]] ^ i->op[kPredicate + 1]) & m;
    w.barrier.is_reduction = true;
    return wait_at_barrier(w, *b, i);
  }
  const BarrierWait outcome = w.barrier;
  w.barrier = {};
  if (R == Reduction::count) {
    u32* d = w.row<u32>(i->op[0]);
    for (int l = 0; l < kLanes; ++l) {
      if ((m >> l & 1) != 0) d[l] = outcome.came_for;
    }
    return i + 1;
  }
  const bool holds = R == Reduction::all ? outcome.came_for == outcome.came : outcome.came_for != 0;
  write_predicate(w, i->op[0], m, holds ? kAllLanes : 0);
  return i + 1;
}

}  // namespace attest::ptx
