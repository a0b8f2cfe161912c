// Warp: 32 lanes, their registers, and which of them execute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/program.h"
#include "harness/ptx/machine/wait_cycle.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace attest::ptx {

class Cta;
class Traffic;

inline constexpr int kLanes = 32;
inline constexpr std::uint32_t kAllLanes = 0xffffffffu;
inline constexpr std::int64_t kRowBytes = 128;      // a 32-bit register of 32 lanes
inline constexpr std::int64_t kWideRowBytes = 256;  // a 64-bit one

/// sliced: its turn is over. polling: it gave its turn away, since it waits for what others write.
enum class WarpState : std::uint8_t { running, sliced, polling, at_barrier, done, faulted };

/// Lanes that wait for their turn, or for others, at an instruction.
struct LaneSubset {
  const Instr* at = nullptr;
  std::uint32_t lanes = 0;
  bool is_waiting = false;  // at a convergence point that needs more lanes than have come
  bool is_polling = false;  // looked for what others write: goes after those that did not
};

/// The asynchronous copies into shared memory that one instruction has started, one of each lane.
struct AsyncCopies {
  // Zeros in the arrays would cost more than the rest of the instruction.
  // NOLINTNEXTLINE(modernize-use-equals-default,cppcoreguidelines-pro-type-member-init)
  AsyncCopies() {}

  const Instr* at = nullptr;
  std::uint32_t lanes = 0;       // whose copy has not been waited for
  std::uint32_t committed = 0;   // whose copy is in a group
  std::uint32_t size_bytes = 0;  // 4, 8 or 16
  bool is_placed = false;      // the bytes are there already, out of reach until they are delivered
  std::int32_t group[kLanes];  // its number from 1, of the committed
  std::uint32_t shared_address[kLanes];
  std::byte bytes[kLanes][16];  // unless they are placed
};

/// Where a warp waits for other warps of its block.
struct BarrierWait {
  std::uint32_t number = 0;
  std::uint32_t threads = 0;   // that it waits for; 0: every thread of the block
  std::uint32_t votes = 0;     // of a reduction: its lanes whose predicate holds
  bool is_reduction = false;   // resumes at the instruction itself, for the outcome
  bool is_complete = false;    // of a reduction: the next two are there
  std::uint32_t came = 0;      // threads that voted
  std::uint32_t came_for = 0;  // those of them whose predicate holds
};

struct Warp {
  std::byte* rows = nullptr;            // Program::row_bytes, 64-byte aligned
  std::uint32_t* predicates = nullptr;  // [0] is always all ones
  std::uint32_t active = 0;             // lanes that execute now
  std::uint32_t live = 0;               // lanes that have not exited
  std::uint32_t started = 0;            // lanes that exist (the last warp may be partial)
  std::uint32_t index = 0;              // in the CTA
  WarpState state = WarpState::running;
  const Instr* resume = nullptr;
  std::int64_t budget = 0;                // warp instructions left in this slice
  std::int64_t clock_at_zero_budget = 0;  // warp instructions of the launch
  std::int64_t clock = 0;                 // at the last read of one
  std::uint32_t* block_counts = nullptr;  // executions per BlockInfo
  Cta* cta = nullptr;
  Traffic* traffic = nullptr;       // counts what accesses move; null: nobody asked for it
  std::vector<LaneSubset> pending;  // empty while the warp is converged
  std::uint32_t turns = 0;          // of the running subset, for fairness
  std::uint32_t polls = 0;          // in this slice
  bool has_written = false;         // since the last choice between subsets
  std::uint32_t sync_clock = 0;     // shared-memory clock at the last bar.warp.sync or barrier
  std::uint32_t carry = 0;          // CC.CF of each lane: add.cc and its kin
  BarrierWait barrier;
  WaitCycle wait_cycle;
  std::vector<AsyncCopies> copies;                      // in the order of issue
  std::array<std::int32_t, kLanes> committed_groups{};  // of asynchronous copies, per lane
  std::array<std::uint32_t, kLanes> issued_copies{};    // per lane, and how many of them are there
  std::array<std::uint32_t, kLanes> delivered_copies{};

  /// Where it stands while it does not run, for a report: what polls, the barrier, or what comes next.
  [[nodiscard]] const Instr* waits_at() const;
  /// The lowest lane that executes there.
  [[nodiscard]] int first_lane() const;
  /// Lanes for which `i` executes.
  [[nodiscard]] std::uint32_t lanes(const Instr& i) const {
    return active & (predicates[i.guard] ^ i.guard_flip);
  }
  template <class T>
  [[nodiscard]] T* row(std::uint32_t offset) const {
    return reinterpret_cast<T*>(rows + offset);
  }

  /// Slow path of a block leader: switches between subsets of a diverged warp, or ends the slice.
  const Instr* at_leader(const Instr* leader);
  /// A block that polls: lanes that did not poll go first, then other warps.
  const Instr* at_poll(const Instr* leader);
  /// An atomic has changed a value: lanes, warps and blocks that wait for that may go on.
  void note_change();
  /// Some lanes branch and some do not: parks one side. Returns where to go on.
  const Instr* diverge(const Instr* target, std::uint32_t taken, const Instr* fall_through);
  /// True when every live lane of `members` is among the executing ones. Otherwise parks the
  /// executing lanes at `i` and sets `next` to where to go on (null when nothing can: a finding was
  /// made).
  bool converged(const Instr* i, std::uint32_t members, const Instr** next) {
    if ((members & live & ~lanes(*i)) == 0) [[likely]]
      return true;
    wait_for_members(i, next);
    return false;
  }
  /// Parks the executing lanes at `i`; sets `next`.
  void wait_for_members(const Instr* i, const Instr** next);
  /// Ends lanes; returns where the others go on, or null.
  const Instr* exit_lanes(std::uint32_t lanes, const Instr* next);
  /// Parks the executing lanes at `at` and picks the subset that runs next.
  const Instr* switch_subset(const Instr* at, bool is_waiting);
};

/// First instruction of every basic block: counts it, and is where a warp can be switched.
const Instr* enter_block(Warp& w, const Instr* i);
/// The same, of a block with BlockInfo::poll.
const Instr* enter_polling_block(Warp& w, const Instr* i);

}  // namespace attest::ptx
