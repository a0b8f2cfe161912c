// Turns of resident blocks, and the end of a launch that only waits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/residents.h"

#include "harness/base/rng.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/report.h"

#include <algorithm>
#include <string>
#include <utility>

namespace attest::ptx {
namespace {

// A block runs this many warp instructions before another one gets a turn.
constexpr std::int64_t kSlice = 4'000'000;
// Blocks that talk to each other, under a seed: from 2^8 to 2^16, so that they meet in many ways.
constexpr int kShortSliceBits = 8;
constexpr std::uint64_t kSliceChoices = 9;
constexpr std::uint64_t kFirstResidents = 4;  // at most, from the start

constexpr std::uint64_t kMaxShuffledBlocks = 1 << 20;

// Streams of the schedule's seed.
constexpr std::uint64_t kSliceStream = 0x736c696365;     // "slice"
constexpr std::uint64_t kTurnStream = 0x7475726e;        // "turn"
constexpr std::uint64_t kResidentStream = 0x7265736964;  // "resid"

// A launch is looked at for being stuck after all residents have waited this often in a row.
constexpr std::size_t kQuietRounds = 16;

template <class T>
void shuffle(std::vector<T>& items, std::uint64_t seed, std::uint64_t stream, std::uint64_t first) {
  for (std::size_t n = items.size(); n > 1; --n)
    std::swap(items[n - 1], items[random_bits(seed, stream, first + n) % n]);
}

bool has_poll(const Program& program) {
  return std::any_of(
      program.blocks.begin(), program.blocks.end(), [](const BlockInfo& b) { return b.poll >= 0; });
}

bool is_polling(const Warp& w) {
  return w.state == WarpState::polling;
}
bool is_live(const Warp& w) {
  return w.state != WarpState::done;
}
bool is_running(const Warp& w) {
  return is_live(w) && w.state != WarpState::at_barrier;
}

}  // namespace

Residents::Residents(Grid& grid, std::int64_t room)
    : grid_(grid),
      seed_(grid.options().schedule),
      room_(static_cast<std::size_t>(room)),
      total_(block_count(grid.launch())),
      is_interleaved_(seed_ != 0 && has_poll(grid.program())) {
  if (seed_ == 0 || total_ > kMaxShuffledBlocks) return;
  for (std::uint32_t n = 0; n < total_; ++n)
    order_.push_back(n);
  shuffle(order_, seed_, total_, 0);
}

Residents::~Residents() = default;

void Residents::start(Cta& cta) {
  const std::uint64_t linear = order_.empty() ? launched_ : order_[launched_];
  ++launched_;
  const Dim3& g = grid_.launch().grid;
  cta.start({static_cast<std::uint32_t>(linear % g.x),
             static_cast<std::uint32_t>(linear / g.x % g.y),
             static_cast<std::uint32_t>(linear / g.x / g.y)},
            linear);
}

/// One more resident, if a block is left and there is room.
void Residents::admit() {
  if (waiting_for_room() == 0 || resident_.size() >= room_) return;
  resident_.push_back(std::make_unique<Cta>(grid_));
  start(*resident_.back());
  begin_epoch();
}

std::int64_t Residents::slice() {
  if (!is_interleaved_) return kSlice;
  const std::uint64_t bits = random_bits(seed_, kSliceStream, turns_);
  return std::int64_t{1} << (kShortSliceBits + bits % kSliceChoices);
}

void Residents::next_turn() {
  if (++turn_ < resident_.size()) return;
  turn_ = 0;
  if (seed_ != 0) shuffle(resident_, seed_, kTurnStream, turns_ << 16);
}

void Residents::run() {
  admit();
  if (is_interleaved_) {
    for (std::uint64_t n = random_bits(seed_, kResidentStream, 0) % kFirstResidents; n > 0; --n)
      admit();
  }
  std::int64_t left = grid_.options().max_warp_instructions;
  while (!resident_.empty()) {
    Cta& cta = *resident_[turn_];
    ++turns_;
    std::int64_t budget = std::min(slice(), left);
    const std::int64_t before = budget;
    const Cta::Outcome outcome = cta.run(&budget);
    left -= before - budget;
    grid_.note_executed(before - budget);
    if (outcome == Cta::Outcome::faulted) return;
    if (outcome == Cta::Outcome::finished) {
      begin_epoch();
      if (waiting_for_room() > 0) {
        start(cta);
      } else {
        resident_.erase(resident_.begin() + static_cast<std::ptrdiff_t>(turn_));
        if (turn_ == resident_.size()) turn_ = 0;
      }
      if (resident_.empty()) return;
    }
    if (left <= 0) return report_limit();
    if (outcome == Cta::Outcome::finished) continue;
    admit();
    if (outcome == Cta::Outcome::sliced) {
      begin_epoch();
    } else if (is_stalled(cta)) {
      return report_stall();
    }
    next_turn();
  }
}

void Residents::begin_epoch() {
  ++epoch_;
  quiet_turns_ = 0;
  closed_turns_ = 0;
}

/// After a turn in which a block only waited. It takes two rounds of turns to know of each resident.
bool Residents::is_stalled(Cta& cta) {
  if (const std::uint64_t changes = grid_.changes(); changes != changes_) {
    changes_ = changes;
    begin_epoch();
  }
  if (++quiet_turns_ < kQuietRounds * resident_.size()) return false;
  closed_turns_ = cta.waits_for_ever(epoch_) ? closed_turns_ + 1 : 0;
  return closed_turns_ >= 2 * resident_.size();
}

void Residents::report_limit() {
  report_waiting("the launch did not end within " +
                 std::to_string(grid_.options().max_warp_instructions) + " warp instructions");
}

void Residents::report_stall() {
  std::string message = "every warp waits for a value that none of them writes";
  if (const std::uint64_t rest = waiting_for_room(); rest > 0) {
    message += "; " + std::to_string(rest) + " blocks wait for one of the " +
               std::to_string(resident_.size()) + " resident ones to end";
  }
  report_waiting(std::move(message));
}

/// Of the first block in ascending order: its first warp that polls, else the first that runs.
void Residents::report_waiting(std::string message) {
  const auto first =
      std::min_element(resident_.begin(), resident_.end(), [](const auto& a, const auto& b) {
        return a->number() < b->number();
      });
  std::vector<Warp>& warps = (*first)->warps();
  auto found = std::find_if(warps.begin(), warps.end(), is_polling);
  if (found == warps.end()) found = std::find_if(warps.begin(), warps.end(), is_running);
  if (found == warps.end()) found = std::find_if(warps.begin(), warps.end(), is_live);
  Warp& w = found == warps.end() ? warps.front() : *found;
  report(w, w.waits_at(), w.first_lane(), FindingKind::no_progress, std::move(message));
}

}  // namespace attest::ptx
