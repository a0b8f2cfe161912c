// PTX constants: decimal, hex, octal, binary, 0f and 0d bit patterns, decimal doubles.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/syntax/numbers.h"

#include <charconv>
#include <cstring>

namespace attest::ptx::syntax {
namespace {

std::optional<std::uint64_t> digits(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Number> bit_pattern(std::string_view text, Operand::Kind kind, std::size_t length) {
  const auto bits = text.size() == length ? digits(text, 16) : std::nullopt;
  if (!bits) return std::nullopt;
  return Number{.kind = kind, .bits = *bits};
}

std::optional<Number> decimal_float(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  Number number{.kind = Operand::Kind::float64, .is_decimal = true};
  static_assert(sizeof number.bits == sizeof value);
  std::memcpy(&number.bits, &value, sizeof value);
  return number;
}

}  // namespace

std::optional<Number> parse_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char prefix = text[0] == '0' && text.size() > 1 ? text[1] : '\0';
  if (prefix == 'f' || prefix == 'F') return bit_pattern(text.substr(2), Operand::Kind::float32, 8);
  if (prefix == 'd' || prefix == 'D') {
    return bit_pattern(text.substr(2), Operand::Kind::float64, 16);
  }
  const bool is_hex = prefix == 'x' || prefix == 'X';
  if (!is_hex && text.find_first_of(".eE") != std::string_view::npos) return decimal_float(text);

  if (text.back() == 'U') text.remove_suffix(1);
  std::optional<std::uint64_t> bits;
  if (is_hex) {
    bits = digits(text.substr(2), 16);
  } else if (prefix == 'b' || prefix == 'B') {
    bits = digits(text.substr(2), 2);
  } else {
    bits = digits(text, text.size() > 1 && text[0] == '0' ? 8 : 10);
  }
  if (!bits) return std::nullopt;
  return Number{.bits = *bits};
}

}  // namespace attest::ptx::syntax
