// A bar, or a line each tenth part.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/progress.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace attest {
namespace {

constexpr std::int64_t kBarWidth = 24;
constexpr std::chrono::milliseconds kRedraw(100);
constexpr std::chrono::seconds kSilence(30);

std::string time_text(double seconds) {
  const auto whole = std::llround(std::ceil(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string rate_text(double rate) {
  return rate < 10 ? fmt::format("{:.1f}/s", rate) : fmt::format("{:.0f}/s", rate);
}

}  // namespace

std::string progress_text(const Standing& s, const std::string& what) {
  std::string text = fmt::format("{} of {} {}, {} failing", s.done, s.total, what, s.failing);
  if (s.done == s.total) return text + fmt::format(", {:.1f} s", s.seconds);
  const double rate = static_cast<double>(s.done - s.before) / s.seconds;
  if (!(s.done > s.before) || !std::isfinite(rate)) return text;
  const double left = static_cast<double>(s.total - s.done) / rate;
  return text + fmt::format(", {}, {} left", rate_text(rate), time_text(left));
}

Progress::Progress(
    std::ostream& err, bool has_bar, std::string what, std::int64_t total, std::int64_t before)
    : err_(err), has_bar_(has_bar), what_(std::move(what)) {
  standing_.total = total;
  standing_.before = before;
  if (total > 0) tenths_printed_ = before * 10 / total;
}

void Progress::update(std::int64_t done, std::int64_t failing) {
  if (standing_.total == 0) return;
  const Clock::time_point now = Clock::now();
  standing_.done = done;
  standing_.failing = failing;
  standing_.seconds = std::chrono::duration<double>(now - started_).count();
  has_bar_ ? print_bar(now) : print_line(now);
}

void Progress::print_line(Clock::time_point now) {
  const std::int64_t tenths = standing_.done * 10 / standing_.total;
  if (tenths == tenths_printed_ && now - printed_ < kSilence) return;
  tenths_printed_ = tenths;
  printed_ = now;
  err_ << progress_text(standing_, what_) << '\n' << std::flush;
}

/// What is left of a longer text before is erased.
void Progress::print_bar(Clock::time_point now) {
  const bool is_first = printed_ == started_;
  if (standing_.done != standing_.total && !is_first && now - printed_ < kRedraw) return;
  printed_ = now;
  const auto filled = static_cast<std::size_t>(standing_.done * kBarWidth / standing_.total);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  err_ << fmt::format("\r[{}] {}\x1b[K", bar, progress_text(standing_, what_)) << std::flush;
}

void Progress::finish() {
  if (has_bar_ && standing_.total > 0) err_ << '\n' << std::flush;
}

}  // namespace attest
