// A bar, or a line each tenth part.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/progress.h"

#include <fmt/format.h>

#include <utility>

namespace attest {
namespace {

constexpr std::int64_t kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw(100);

}  // namespace

Progress::Progress(std::ostream& err, bool has_bar, std::string what, std::int64_t total)
    : err_(err), has_bar_(has_bar), what_(std::move(what)), total_(total) {}

void Progress::update(std::int64_t done, std::int64_t failing) {
  if (total_ == 0) return;
  if (has_bar_) return print_bar(done, failing);
  const std::int64_t tenths = done * 10 / total_;
  if (tenths == tenths_printed_) return;
  tenths_printed_ = tenths;
  const std::chrono::duration<double> elapsed = Clock::now() - started_;
  err_ << fmt::format(
              "{} of {} {}, {} failing, {:.1f} s\n", done, total_, what_, failing, elapsed.count())
       << std::flush;
}

void Progress::print_bar(std::int64_t done, std::int64_t failing) {
  const Clock::time_point now = Clock::now();
  if (done != total_ && now - drawn_ < kRedraw) return;
  drawn_ = now;
  const auto filled = static_cast<std::size_t>(done * kBarWidth / total_);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  err_ << fmt::format("\r[{}] {} of {} {}, {} failing ", bar, done, total_, what_, failing)
       << std::flush;
}

void Progress::finish() {
  if (has_bar_ && total_ > 0) err_ << '\n' << std::flush;
}

}  // namespace attest
