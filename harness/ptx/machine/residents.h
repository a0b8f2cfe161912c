// Residents: the blocks of a launch that are resident, and whose turn it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/ptx/machine/grid.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attest::ptx {

/// One block runs at a time. When it waits for others, or has run for long, another one becomes
/// resident while there is room, and all residents take turns: a block that is resident always runs
/// again, so that locks and barriers between resident blocks end.
class Residents {
 public:
  /// At most `room` blocks at once.
  Residents(Grid& grid, std::int64_t room);
  ~Residents();

  /// Until all blocks have ended, or the grid has a finding.
  void run();

 private:
  [[nodiscard]] std::uint64_t waiting_for_room() const { return total_ - launched_; }
  void start(Cta& cta);
  void admit();
  [[nodiscard]] std::int64_t slice();
  void next_turn();
  [[nodiscard]] bool is_stalled(Cta& cta);
  void begin_epoch();
  void report_limit();
  void report_stall();
  void report_waiting(std::string message);

  Grid& grid_;
  std::uint64_t seed_;
  std::size_t room_;
  std::uint64_t total_;
  std::uint64_t launched_ = 0;
  bool is_interleaved_;
  std::vector<std::uint32_t> order_;  // of the blocks; empty: ascending
  std::vector<std::unique_ptr<Cta>> resident_;
  std::size_t turn_ = 0;
  std::uint64_t turns_ = 0;  // that there have been
  std::uint64_t changes_ = 0;
  std::uint64_t epoch_ = 1;
  std::size_t quiet_turns_ = 0;   // without a change, all spent waiting
  std::size_t closed_turns_ = 0;  // of blocks that wait for ever
};

}  // namespace attest::ptx
