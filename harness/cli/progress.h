// Progress: how far a run is, on stderr; a bar only on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace attest {

class Progress {
 public:
  /// `what` as "cases"; a bar is redrawn in place, otherwise a line is printed each tenth part.
  Progress(std::ostream& err, bool has_bar, std::string what, std::int64_t total);

  /// `failing` of the `done` units so far.
  void update(std::int64_t done, std::int64_t failing);
  /// Ends the bar's line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void print_bar(std::int64_t done, std::int64_t failing);

  std::ostream& err_;
  bool has_bar_;
  std::string what_;
  std::int64_t total_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_{};
  std::int64_t tenths_printed_ = 0;
};

}  // namespace attest
