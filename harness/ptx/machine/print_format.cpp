// Reads conversions one by one; the C library formats each number.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/print_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>

namespace attest::ptx {
namespace {

constexpr int kMaxWidth = 1024;  // of one conversion; wider ones are cut
constexpr std::uint64_t kMaxFormatted = 2048;

struct Conversion {
  std::string flags;
  int width = 0;
  int precision = -1;  // none
  int longs = 0;       // l: 1, ll: 2
  int shorts = 0;      // h: 1, hh: 2
  char type = '\0';
  std::size_t length = 0;  // in the format, from behind the percent sign
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Printer {
 public:
  Printer(std::string_view format, PrintArguments& arguments)
      : format_(format), arguments_(arguments) {}

  std::optional<Printed> run() {
    while (at_ < format_.size()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out_.text += format_.substr(at_, percent - at_);
      at_ = percent;
      if (at_ < format_.size() && !convert()) return std::nullopt;
    }
    return out_;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// A number, or `*`. False when the argument cannot be read.
  bool number(int* value) {
    if (take('*')) {
      const auto argument = argument_of(4);
      if (!argument) return false;
      const auto given = static_cast<std::int32_t>(*argument);
      *value = std::clamp(given, -kMaxWidth, kMaxWidth);
      return true;
    }
    while (is_digit(peek()))
      *value = std::min(*value * 10 + (format_[at_++] - '0'), kMaxWidth);
    return true;
  }

  std::optional<std::uint64_t> argument_of(std::uint64_t bytes) {
    ++out_.arguments;
    return arguments_.next(bytes);
  }

  bool convert() {
    const std::size_t start = at_++;
    if (take('%')) {
      out_.text += '%';
      return true;
    }
    Conversion c;
    while (std::string_view("#0- +").find(peek()) != std::string_view::npos && peek() != '\0')
      c.flags += format_[at_++];
    if (!number(&c.width)) return false;
    if (c.width < 0) {
      c.flags += '-';
      c.width = -c.width;
    }
    if (take('.')) {
      c.precision = 0;
      if (!number(&c.precision)) return false;
    }
    while (peek() == 'l' || peek() == 'h')
      ++(format_[at_++] == 'l' ? c.longs : c.shorts);
    c.type = peek();
    if (c.type == '\0' ||
        std::string_view("cdiouxXeEfFgGaAps").find(c.type) == std::string_view::npos) {
      out_.text += format_.substr(start, at_ - start);
      return true;
    }
    ++at_;
    return print(c);
  }

  bool print(const Conversion& c) {
    if (c.type == 's') return print_string(c);
    const bool is_float = std::string_view("eEfFgGaA").find(c.type) != std::string_view::npos;
    const bool is_wide = is_float || c.type == 'p' || c.longs > 0;
    const auto bits = argument_of(is_wide ? 8 : 4);
    if (!bits) return false;
    if (is_float) {
      format(c, "", std::bit_cast<double>(*bits));
    } else if (c.type == 'p') {
      Conversion hex = c;
      hex.flags += '#';
      hex.type = 'x';
      *bits == 0 ? format_text(c, "(nil)")
                 : format(hex, "ll", static_cast<unsigned long long>(*bits));
    } else if (c.type == 'c') {
      format(c, "", static_cast<int>(static_cast<unsigned char>(*bits)));
    } else if (c.type == 'd' || c.type == 'i') {
      format(c, "ll", signed_of(c, *bits));
    } else {
      format(c, "ll", unsigned_of(c, *bits));
    }
    return true;
  }

  static long long signed_of(const Conversion& c, std::uint64_t bits) {
    if (c.longs > 0) return static_cast<std::int64_t>(bits);
    if (c.shorts > 1) return static_cast<std::int8_t>(bits);
    if (c.shorts > 0) return static_cast<std::int16_t>(bits);
    return static_cast<std::int32_t>(bits);
  }
  static unsigned long long unsigned_of(const Conversion& c, std::uint64_t bits) {
    if (c.longs > 0) return bits;
    if (c.shorts > 1) return static_cast<std::uint8_t>(bits);
    if (c.shorts > 0) return static_cast<std::uint16_t>(bits);
    return static_cast<std::uint32_t>(bits);
  }

  bool print_string(const Conversion& c) {
    const auto address = argument_of(8);
    if (!address) return false;
    const auto text = *address == 0 ? std::string("(null)") : arguments_.string_at(*address);
    if (!text) return false;
    format_text(c, *text);
    return true;
  }

  void format_text(const Conversion& c, std::string text) {
    if (c.precision >= 0) text.resize(std::min(text.size(), static_cast<std::size_t>(c.precision)));
    const auto width = static_cast<std::size_t>(c.width);
    const std::string padding(width > text.size() ? width - text.size() : 0, ' ');
    const bool is_left = c.flags.find('-') != std::string::npos;
    out_.text += is_left ? text + padding : padding + text;
  }

  /// The specification is put together from its checked parts.
  template <class T>
  void format(const Conversion& c, const char* size, T value) {
    std::string specification = "%" + c.flags + "*.*" + size + c.type;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): what snprintf() fills is used
    std::array<char, kMaxFormatted> buffer;
    const int length = std::snprintf(
        buffer.data(), buffer.size(), specification.c_str(), c.width, c.precision, value);
    if (length > 0)
      out_.text.append(buffer.data(),
                       std::min(static_cast<std::size_t>(length), buffer.size() - 1));
  }

  std::string_view format_;
  PrintArguments& arguments_;
  std::size_t at_ = 0;
  Printed out_;
};

}  // namespace

std::optional<Printed> print_formatted(std::string_view format, PrintArguments& arguments) {
  return Printer(format, arguments).run();
}

}  // namespace attest::ptx
