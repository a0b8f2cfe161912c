// Progress: how far a run is, on stderr; a bar only on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

namespace attest {

/// How far a run is.
struct Standing {
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::int64_t before = 0;  // of `done`: those that an earlier, cut off run had done
  std::int64_t failing = 0;
  double seconds = 0;
};
/// "340 of 1280 cases, 2 failing, 12.5/s, 1:15 left"; rate and time left once something was done,
/// "27.2 s" in their place at the end.
[[nodiscard]] std::string progress_text(const Standing& standing, const std::string& what);

class Progress {
 public:
  /// `what` as "cases", of which `before` were done by an earlier run; a bar is redrawn in place,
  /// otherwise a line is printed each tenth part, and every half minute.
  Progress(std::ostream& err,
           bool has_bar,
           std::string what,
           std::int64_t total,
           std::int64_t before = 0);

  /// `failing` of the `done` units so far.
  void update(std::int64_t done, std::int64_t failing);
  /// Ends the bar's line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void print_bar(Clock::time_point now);
  void print_line(Clock::time_point now);

  std::ostream& err_;
  bool has_bar_;
  std::string what_;
  Standing standing_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point printed_ = started_;
  std::int64_t tenths_printed_ = 0;
};

}  // namespace attest
