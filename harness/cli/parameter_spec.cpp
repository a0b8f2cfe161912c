// Parses one --param or --buffer.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/parameter_spec.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

namespace attest {
namespace {

constexpr std::size_t kMaxDimensions = 32;
constexpr std::size_t kMaxShown = 60;  // of the text, in a message

Error bad(std::string message) {
  return {Code::bad_input, std::move(message), ""};
}

bool is_name(std::string_view text) {
  constexpr std::string_view kParts =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.%";
  return !text.empty() && text.find_first_not_of(kParts) == std::string_view::npos;
}

bool read_integer(std::string_view text, std::int64_t* value) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, *value);
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

/// Takes `end` off the end of `text`.
bool take_end(std::string_view* text, std::string_view end) {
  if (!text->ends_with(end)) return false;
  text->remove_suffix(end.size());
  return true;
}

/// The inside of "word(..)".
std::optional<std::string_view> argument_of(std::string_view text, std::string_view word) {
  if (!text.starts_with(word) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(word.size());
  if (!text.starts_with('(')) return std::nullopt;
  return text.substr(1, text.size() - 2);
}

Result<std::vector<std::int64_t>> parse_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  while (true) {
    const std::size_t comma = text.find(',');
    std::int64_t dimension = 0;
    if (!read_integer(text.substr(0, comma), &dimension) || dimension < 0) {
      return bad(fmt::format("dimension '{}' is not a number from 0 to {}",
                             text.substr(0, comma).substr(0, 40),
                             std::numeric_limits<std::int64_t>::max()));
    }
    shape.push_back(dimension);
    if (shape.size() > kMaxDimensions)
      return bad(fmt::format("more than {} dimensions", kMaxDimensions));
    if (comma == std::string_view::npos) return shape;
    text.remove_prefix(comma + 1);
  }
}

Result<double> parse_finite(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  const bool is_read = result.ec == std::errc() && result.ptr == end && !text.empty();
  if (!is_read || !std::isfinite(value))
    return bad(fmt::format("'{}' is not a finite number", text.substr(0, 40)));
  return value;
}

Result<Fill> parse_uniform(const Element& element, std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return bad("uniform needs two values: uniform(A,B)");
  const std::string_view low = text.substr(0, comma);
  const std::string_view high = text.substr(comma + 1);
  Fill fill;
  fill.kind = Fill::Kind::uniform;
  if (element.is_float()) {
    ATTEST_TRY(fill.low, parse_finite(low));
    ATTEST_TRY(fill.high, parse_finite(high));
    if (!(fill.low < fill.high)) return bad("uniform(A,B) of floats needs A below B");
    return fill;
  }
  ATTEST_TRY(fill.first, parse_value(element, low));
  ATTEST_TRY(const std::uint64_t last, parse_value(element, high));
  const auto unused = static_cast<int>(64 - 8 * element.size_bytes);
  const bool is_signed = element.coding == Coding::signed_integer;
  const bool is_ascending = is_signed ? static_cast<std::int64_t>(fill.first << unused) <=
                                            static_cast<std::int64_t>(last << unused)
                                      : fill.first <= last;
  if (!is_ascending) return bad("uniform(A,B) of integers needs A not above B");
  fill.count = ((last - fill.first) << unused >> unused) + 1;
  return fill;
}

Result<Fill> parse_fill(const Element& element, std::string_view text) {
  Fill fill;
  if (text == "iota") {
    fill.kind = Fill::Kind::iota;
    return fill;
  }
  if (text == "random") {
    if (!element.is_float()) {
      fill.kind = Fill::Kind::any_bits;
      return fill;
    }
    return parse_uniform(element, "-1,1");
  }
  if (const auto inside = argument_of(text, "uniform")) return parse_uniform(element, *inside);
  const auto sigma = argument_of(text, "normal");
  if (text == "ramp" || text == "normal" || sigma) {
    if (!element.is_float()) {
      return bad(fmt::format("{} is of floats, not of {}; random and uniform(A,B) are of both",
                             text.substr(0, text.find('(')),
                             element.name));
    }
    fill.kind = text == "ramp" ? Fill::Kind::ramp : Fill::Kind::normal;
    if (sigma) {
      ATTEST_TRY(fill.sigma, parse_finite(*sigma));
    }
    return fill;
  }
  fill.kind = Fill::Kind::constant;
  const auto bits = parse_value(element, text);
  if (!bits) {
    return bad(bits.error().message +
               "; or iota, ramp, random, uniform(A,B), normal, normal(SIGMA), with :rw behind it");
  }
  fill.bits = *bits;
  return fill;
}

/// "2,64]:normal(1)" after "f16["
Status parse_buffer(std::string_view text, ParameterSpec* spec) {
  spec->kind = ParameterSpec::Kind::buffer;
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return bad("']' is missing");
  ATTEST_TRY(spec->shape, parse_shape(text.substr(0, close)));
  text.remove_prefix(close + 1);
  if (text.empty()) {
    spec->is_writable = true;
    return Done{};
  }
  spec->is_writable = take_end(&text, ":rw");
  if (text.empty()) return bad("without initial values a buffer can be written: leave :rw out");
  if (!text.starts_with(':')) {
    return bad(fmt::format("'{}' after ']'; allowed: nothing, or : and the initial values",
                           text.substr(0, 40)));
  }
  ATTEST_TRY(spec->fill, parse_fill(*spec->element, text.substr(1)));
  return Done{};
}

Status parse_file(std::string_view text, ParameterSpec* spec) {
  spec->is_writable = take_end(&text, ":rw");
  spec->file = text;
  if (text.empty()) return bad("'@' without the name of a file");
  if (text.ends_with(".npy")) {
    spec->kind = ParameterSpec::Kind::npy;
    return Done{};
  }
  spec->kind = ParameterSpec::Kind::raw_file;
  if (spec->element != nullptr) return bad("a type before '@' is of a .npy file only");
  if (spec->is_writable) return bad(":rw is of a buffer; bytes by value are not written");
  return Done{};
}

Status parse_bytes(std::string_view text, ParameterSpec* spec) {
  spec->kind = ParameterSpec::Kind::bytes;
  if (!text.starts_with("0x") || text.size() % 2 != 0)
    return bad("bytes are 0x and two hexadecimal digits each");
  for (text.remove_prefix(2); !text.empty(); text.remove_prefix(2)) {
    unsigned value = 0;
    const auto result = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (result.ptr != text.data() + 2)
      return bad(fmt::format("'{}' is not two hexadecimal digits", text.substr(0, 2)));
    spec->bytes.push_back(static_cast<std::byte>(value));
  }
  return Done{};
}

/// "q", "q+16" after "&"
Status parse_address(std::string_view text, ParameterSpec* spec) {
  spec->kind = ParameterSpec::Kind::address;
  const std::size_t sign = text.find_first_of("+-");
  spec->target = text.substr(0, sign);
  if (!is_name(spec->target)) return bad("'&' needs the name of a buffer");
  if (sign == std::string_view::npos) return Done{};
  const std::size_t number = sign + (text[sign] == '+' ? 1 : 0);
  if (!read_integer(text.substr(number), &spec->target_offset))
    return bad(fmt::format("'{}' is no number of bytes", text.substr(sign).substr(0, 40)));
  return Done{};
}

Status parse_typed(std::string_view text, ParameterSpec* spec) {
  const std::size_t end = text.find_first_of("[:@");
  const std::string_view type = text.substr(0, end);
  const auto element = parse_element(type);
  if (end == std::string_view::npos || !element) {
    return bad(fmt::format(
        "'{}' is none of TYPE[N,..], TYPE[N,..]:FILL, @FILE, TYPE:VALUE, &NAME, null, zero, "
        "bytes:0x..{}",
        text.substr(0, 40),
        element ? "" : "; " + element.error().message));
  }
  spec->element = *element;
  const std::string_view rest = text.substr(end + 1);
  if (text[end] == '[') return parse_buffer(rest, spec);
  if (text[end] == '@') return parse_file(rest, spec);
  spec->kind = ParameterSpec::Kind::scalar;
  ATTEST_TRY(spec->bits, parse_value(*spec->element, rest));
  return Done{};
}

Status parse_value(std::string_view text, ParameterSpec* spec) {
  using Kind = ParameterSpec::Kind;
  if (text == "null" || text == "zero") {
    spec->kind = text == "null" ? Kind::null : Kind::zero;
    return Done{};
  }
  if (text.starts_with('@')) return parse_file(text.substr(1), spec);
  if (text.starts_with('&')) return parse_address(text.substr(1), spec);
  if (text.starts_with("bytes:")) return parse_bytes(text.substr(6), spec);
  return parse_typed(text, spec);
}

Result<ParameterSpec> parse(const std::string& option, std::string_view text) {
  ParameterSpec spec;
  spec.option = option;
  spec.text = text;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return bad("needs NAME=VALUE");
  std::string_view name = text.substr(0, equals);
  if (const std::size_t plus = name.find('+'); plus != std::string_view::npos) {
    std::int64_t offset = 0;
    if (!read_integer(name.substr(plus + 1), &offset) || offset < 0)
      return bad("NAME+BYTES=VALUE needs a number of bytes from 0 up");
    spec.offset = offset;
    name = name.substr(0, plus);
  }
  spec.name = name;
  if (!is_name(name)) return bad("a name has letters, digits, _, $, . and % only");
  ATTEST_TRY([[maybe_unused]] const Done done, parse_value(text.substr(equals + 1), &spec));
  if (option == "--buffer" && (!spec.is_buffer() || spec.offset))
    return bad("is not a buffer: NAME=TYPE[N,..], NAME=TYPE[N,..]:FILL or NAME=@FILE.npy");
  if (spec.offset && spec.is_buffer())
    return bad(
        "a buffer within a parameter: describe it with --buffer, and set its address, &NAME");
  return spec;
}

}  // namespace

Result<ParameterSpec> parse_parameter(const std::string& option, const std::string& text) {
  auto spec = parse(option, text);
  if (spec) return spec;
  Error error = spec.error();
  error.where =
      option + " '" + text.substr(0, kMaxShown) + (text.size() > kMaxShown ? ".." : "") + "'";
  return error;
}

}  // namespace attest
