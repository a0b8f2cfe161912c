// Values of options: numbers, durations, choices.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/arguments.h"
#include "harness/cli/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace attest {
namespace {

Error bad_value(const std::string& option, const std::string& value, const std::string& allowed) {
  return {Code::bad_input, fmt::format("'{}' is not {}", value, allowed), option};
}

template <class T>
bool read_all(std::string_view text, T& value, int base) {
  const char* last = text.data() + text.size();
  const auto end = std::from_chars(text.data(), last, value, base);
  return end.ec == std::errc() && end.ptr == last && !text.empty();
}

}  // namespace

Result<std::int64_t> parse_count(const std::string& option,
                                 const std::string& value,
                                 std::int64_t least,
                                 std::int64_t most) {
  std::int64_t count = 0;
  if (!read_all(value, count, 10) || count < least || count > most) {
    return bad_value(option, value, fmt::format("a number from {} to {}", least, most));
  }
  return count;
}

Result<std::uint64_t> parse_word(const std::string& option, const std::string& value) {
  std::uint64_t word = 0;
  const std::string_view text(value);
  const bool is_hex = text.substr(0, 2) == "0x";
  if (!read_all(is_hex ? text.substr(2) : text, word, is_hex ? 16 : 10)) {
    return bad_value(option, value, "a 64-bit number such as 7 or 0x2a");
  }
  return word;
}

Result<double> parse_duration(const std::string& option, const std::string& value) {
  std::string_view text(value);
  double unit = 1;
  if (!text.empty()) {
    const char last = text.back();
    unit = last == 'm' ? 60 : last == 'h' ? 3600 : 1;
    if (last == 's' || last == 'm' || last == 'h') text.remove_suffix(1);
  }
  std::int64_t count = 0;
  if (!read_all(text, count, 10) || count <= 0) {
    return bad_value(option, value, "a duration such as 60s, 10m or 2h");
  }
  return static_cast<double>(count) * unit;
}

Result<std::size_t> parse_choice(const std::string& option,
                                 const std::string& value,
                                 const std::vector<std::string>& allowed) {
  const auto found = std::find(allowed.begin(), allowed.end(), value);
  if (found == allowed.end()) {
    return bad_value(option, value, fmt::format("one of {}", fmt::join(allowed, ", ")));
  }
  return static_cast<std::size_t>(found - allowed.begin());
}

}  // namespace attest
