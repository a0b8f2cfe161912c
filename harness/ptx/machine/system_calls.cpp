// vprintf and __assertfail.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/system_calls.h"

#include "harness/ptx/machine/access.h"
#include "harness/ptx/machine/cta.h"
#include "harness/ptx/machine/print_format.h"
#include "harness/ptx/machine/report.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

namespace attest::ptx {
namespace {

// Longer strings are cut; far above what programs print.
constexpr std::size_t kMaxStringBytes = 4096;

/// Bytes of memory as one lane sees them. After the first that it cannot read there is a finding.
class LaneReader final : public PrintArguments {
 public:
  LaneReader(Warp& w, const Instr* i, std::uint32_t lane) : w_(w), i_(i), lane_(lane) {}

  /// An argument of the call.
  template <class T>
  [[nodiscard]] T argument(std::size_t nth) const {
    T value;
    std::memcpy(&value, w_.cta->local().data(thread(), i_->more[nth]), sizeof value);
    return value;
  }
  template <class T>
  void set_result(std::size_t nth, T value) const {
    if (i_->more[nth] == kNoResult) return;
    std::memcpy(w_.cta->local().data(thread(), i_->more[nth]), &value, sizeof value);
    w_.cta->local().mark_written(thread(), i_->more[nth], sizeof value);
  }

  void take_from(std::uint64_t buffer) { next_ = buffer; }
  std::optional<std::uint64_t> next(std::uint64_t bytes) override {
    next_ = (next_ + bytes - 1) / bytes * bytes;
    std::uint64_t value = 0;
    if (!read(next_, bytes, &value)) return std::nullopt;
    next_ += bytes;
    return value;
  }
  /// Up to a 0 byte.
  std::optional<std::string> string_at(std::uint64_t address) override {
    std::string text;
    for (; text.size() < kMaxStringBytes; ++address) {
      std::uint64_t byte = 0;
      if (!read(address, 1, &byte)) return std::nullopt;
      if (byte == 0) break;
      text += static_cast<char>(byte);
    }
    return text;
  }

 private:
  [[nodiscard]] std::uint32_t thread() const { return w_.index * kLanes + lane_; }

  bool read(std::uint64_t address, std::uint64_t bytes, std::uint64_t* value) {
    std::uint64_t addresses[kLanes];
    std::fill_n(addresses, kLanes, address);
    LaneBytes at;
    const MemoryAccess access(Space::generic, Access::read, {});
    const auto size = static_cast<std::int64_t>(bytes);
    if (!access_at(w_, i_, 1u << lane_, addresses, size, access, &at)) return false;
    std::memcpy(value, at.host[lane_], bytes);
    return true;
  }

  Warp& w_;
  const Instr* i_;
  std::uint32_t lane_;
  std::uint64_t next_ = 0;
};

/// (format, arguments) -> how many arguments were taken; -1 without a format.
const Instr* print(Warp& w, const Instr* i) {
  for (std::uint32_t m = w.lanes(*i); m != 0; m &= m - 1) {
    LaneReader lane(w, i, static_cast<std::uint32_t>(__builtin_ctz(m)));
    const auto format_at = lane.argument<std::uint64_t>(0);
    if (format_at == 0) {
      lane.set_result<std::int32_t>(2, -1);
      continue;
    }
    const auto format = lane.string_at(format_at);
    if (!format) return nullptr;
    lane.take_from(lane.argument<std::uint64_t>(1));
    const auto printed = print_formatted(*format, lane);
    if (!printed) return nullptr;
    w.cta->grid().print(printed->text);
    lane.set_result<std::int32_t>(2, printed->arguments);
  }
  return i + 1;
}

/// (message, file, line, function, bytes of a character)
const Instr* fail_assertion(Warp& w, const Instr* i) {
  const std::uint32_t m = w.lanes(*i);
  if (m == 0) return i + 1;
  const int first = __builtin_ctz(m);
  LaneReader lane(w, i, static_cast<std::uint32_t>(first));
  std::array<std::string, 3> texts;  // message, file, function
  constexpr std::array<std::size_t, 3> kArguments = {0, 1, 3};
  for (std::size_t n = 0; n < texts.size(); ++n) {
    const auto address = lane.argument<std::uint64_t>(kArguments[n]);
    auto text = address == 0 ? std::string("?") : lane.string_at(address);
    if (!text) return nullptr;
    texts[n] = std::move(*text);
  }
  const std::string line = std::to_string(lane.argument<std::uint32_t>(2));
  return report(w,
                i,
                first,
                FindingKind::assertion,
                texts[1] + ":" + line + ": " + texts[2] + ": '" + texts[0] + "' does not hold");
}

}  // namespace

const SystemCall* find_system_call(std::string_view name) {
  static const std::array<SystemCall, 2> calls = {{
      {"__assertfail", {8, 8, 4, 8, 8}, 0, fail_assertion},
      {"vprintf", {8, 8}, 4, print},
  }};
  const auto found = std::find_if(
      calls.begin(), calls.end(), [&](const SystemCall& call) { return call.name == name; });
  return found == calls.end() ? nullptr : &*found;
}

}  // namespace attest::ptx
