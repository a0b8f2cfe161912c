// Types by table; the narrow floating formats by search among their few values.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/element.h"

#include "harness/base/dtype.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr std::array kElements = {Element{"f16", Coding::f16, 2, "f2"},
                                  Element{"bf16", Coding::bf16, 2, "u2"},
                                  Element{"f32", Coding::f32, 4, "f4"},
                                  Element{"f64", Coding::f64, 8, "f8"},
                                  Element{"tf32", Coding::tf32, 4, "f4"},
                                  Element{"e4m3", Coding::e4m3, 1, "u1"},
                                  Element{"e5m2", Coding::e5m2, 1, "u1"},
                                  Element{"i8", Coding::signed_integer, 1, "i1"},
                                  Element{"u8", Coding::unsigned_integer, 1, "u1"},
                                  Element{"i16", Coding::signed_integer, 2, "i2"},
                                  Element{"u16", Coding::unsigned_integer, 2, "u2"},
                                  Element{"i32", Coding::signed_integer, 4, "i4"},
                                  Element{"u32", Coding::unsigned_integer, 4, "u4"},
                                  Element{"i64", Coding::signed_integer, 8, "i8"},
                                  Element{"u64", Coding::unsigned_integer, 8, "u8"}};

/// An 8-bit float as its 128 values without a sign.
/// Source  Micikevicius et al.: FP8 Formats for Deep Learning, 2022, table 1.
struct Fp8 {
  int mantissa_bits;
  int bias;
  std::uint64_t largest;   // bits of the largest finite value
  std::uint64_t infinity;  // equal to `largest` where there is none
  std::uint64_t nan;

  [[nodiscard]] double value(std::uint64_t magnitude) const {
    const auto exponent = static_cast<int>(magnitude >> mantissa_bits);
    const auto mantissa = static_cast<double>(magnitude & ((1U << mantissa_bits) - 1));
    const double unit = std::exp2(1 - bias - mantissa_bits);  // exact: a power of two
    if (exponent == 0) return mantissa * unit;
    return (mantissa + (1 << mantissa_bits)) * unit * std::exp2(exponent - 1);
  }
};
constexpr Fp8 kE4m3{3, 7, 0x7e, 0x7e, 0x7f};
constexpr Fp8 kE5m2{2, 15, 0x7b, 0x7c, 0x7f};

std::uint64_t encode_fp8(const Fp8& format, double value) {
  const std::uint64_t sign = std::signbit(value) ? 0x80 : 0;
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) return format.nan;
  if (std::isinf(value)) return sign | format.infinity;
  std::uint64_t below = 0;  // the largest code at or below, by bisection: values rise with codes
  std::uint64_t above = format.largest + 1;
  while (above - below > 1) {
    const std::uint64_t middle = (below + above) / 2;
    (format.value(middle) <= magnitude ? below : above) = middle;
  }
  const double low = format.value(below);
  // The next code may be no value: one step above the largest is where rounding would put it.
  const double high = format.value(below + 1);
  const double from_low = magnitude - low;
  const double to_high = high - magnitude;
  const bool is_up = from_low > to_high || (from_low == to_high && (below & 1) != 0);
  const std::uint64_t code = below + (is_up ? 1 : 0);
  return sign | (code > format.largest ? format.infinity : code);
}

double decode_fp8(const Fp8& format, std::uint64_t bits) {
  const std::uint64_t magnitude = bits & 0x7f;
  const bool is_infinite = magnitude > format.largest && magnitude == format.infinity;
  const double value = magnitude <= format.largest ? format.value(magnitude)
                       : is_infinite               ? std::numeric_limits<double>::infinity()
                                                   : std::numeric_limits<double>::quiet_NaN();
  return (bits & 0x80) != 0 ? -value : value;
}

/// Ten bits of mantissa, as a float whose low 13 bits are 0.
std::uint64_t encode_tf32(double value) {
  if (!std::isfinite(value)) return encode(Dtype::f32, value) & ~std::uint64_t{0x1fff};
  constexpr int kDropped = 52 - 10;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t odd = bits >> kDropped & 1;
  const std::uint64_t rounded = (bits + (std::uint64_t{1} << (kDropped - 1)) - 1 + odd) >> kDropped;
  return encode(Dtype::f32, std::bit_cast<double>(rounded << kDropped)) & ~std::uint64_t{0x1fff};
}

std::uint64_t mask(const Element& element) {
  return ~std::uint64_t{0} >> (64 - 8 * element.size_bytes);
}

struct Range {
  std::int64_t least = 0;
  std::uint64_t most = 0;
};

Range range(const Element& element) {
  const std::uint64_t ones = mask(element);
  if (element.coding == Coding::unsigned_integer) return {0, ones};
  return {-static_cast<std::int64_t>(ones >> 1) - 1, ones >> 1};
}

template <class T, class... Format>
bool read_all(std::string_view text, T& value, Format... format) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, format...);
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

Error bad_value(const Element& element, std::string_view text, const std::string& allowed) {
  return {Code::bad_input,
          fmt::format("'{}' is no value of {}; allowed: {}, or a bit pattern such as 0x1f",
                      text.substr(0, 40),
                      element.name,
                      allowed),
          ""};
}

Result<std::uint64_t> parse_integer(const Element& element, std::string_view text) {
  const Range allowed = range(element);
  std::uint64_t magnitude = 0;
  const bool is_negative = !text.empty() && text[0] == '-';
  const std::uint64_t most =
      is_negative ? 0 - static_cast<std::uint64_t>(allowed.least) : allowed.most;
  if (!read_all(is_negative ? text.substr(1) : text, magnitude) || magnitude > most) {
    return bad_value(element, text, fmt::format("{} to {}", allowed.least, allowed.most));
  }
  return (is_negative ? 0 - magnitude : magnitude) & mask(element);
}

Result<std::uint64_t> parse_float(const Element& element, std::string_view text) {
  double value = 0;
  const bool is_read = read_all(text, value, std::chars_format::general);
  const std::uint64_t bits = encode(element, value);
  const bool has_infinity = element.coding != Coding::e4m3;
  bool fits = std::isnan(value) || has_infinity;
  if (std::isfinite(value)) {
    fits = has_infinity ? std::isfinite(decode(element, bits))
                        : std::fabs(value) <= kE4m3.value(kE4m3.largest);
  }
  if (is_read && fits) return bits;
  return bad_value(
      element,
      text,
      has_infinity ? "a finite number in its range, inf, -inf, nan" : "-448 to 448, nan");
}

}  // namespace

std::span<const Element> all_elements() {
  return kElements;
}

Result<const Element*> parse_element(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Element& element : kElements) {
    if (element.name == name) return &element;
    names.push_back(element.name);
  }
  return Error{
      Code::bad_input,
      fmt::format("no type '{}'; there are: {}", name.substr(0, 40), fmt::join(names, " ")),
      ""};
}

const Element* element_of_npy(std::string_view npy) {
  const auto is_it = [npy](const Element& element) {
    const bool is_pattern = element.is_float() && (npy[0] == 'u' || element.coding == Coding::tf32);
    return element.npy == npy && !is_pattern;
  };
  const auto* found = std::find_if(kElements.begin(), kElements.end(), is_it);
  return found == kElements.end() ? nullptr : found;
}

Result<std::uint64_t> parse_value(const Element& element, std::string_view text) {
  if (text.substr(0, 2) == "0x") {
    std::uint64_t bits = 0;
    if (!read_all(text.substr(2), bits, 16) || bits > mask(element)) {
      return bad_value(element, text, fmt::format("0x0 to {:#x}", mask(element)));
    }
    return bits;
  }
  return element.is_float() ? parse_float(element, text) : parse_integer(element, text);
}

std::uint64_t encode(const Element& element, double value) {
  switch (element.coding) {
    case Coding::f16:
      return encode(Dtype::f16, value);
    case Coding::bf16:
      return encode(Dtype::bf16, value);
    case Coding::f32:
      return encode(Dtype::f32, value);
    case Coding::f64:
      return std::bit_cast<std::uint64_t>(value);
    case Coding::tf32:
      return encode_tf32(value);
    case Coding::e4m3:
      return encode_fp8(kE4m3, value);
    case Coding::e5m2:
      return encode_fp8(kE5m2, value);
    case Coding::signed_integer:
    case Coding::unsigned_integer:
      break;
  }
  fail_check("only floats are encoded from a double", __FILE__, __LINE__);
}

double decode(const Element& element, std::uint64_t bits) {
  const auto low = static_cast<std::uint32_t>(bits);
  switch (element.coding) {
    case Coding::f16:
      return decode(Dtype::f16, low);
    case Coding::bf16:
      return decode(Dtype::bf16, low);
    case Coding::f32:
    case Coding::tf32:
      return decode(Dtype::f32, low);
    case Coding::f64:
      return std::bit_cast<double>(bits);
    case Coding::e4m3:
      return decode_fp8(kE4m3, bits);
    case Coding::e5m2:
      return decode_fp8(kE5m2, bits);
    case Coding::signed_integer:
    case Coding::unsigned_integer:
      break;
  }
  fail_check("only floats are decoded to a double", __FILE__, __LINE__);
}

std::string value_text(const Element& element, std::uint64_t bits) {
  if (element.coding == Coding::unsigned_integer) return fmt::format("{}", bits);
  if (element.coding == Coding::signed_integer) {
    const int unused = static_cast<int>(64 - 8 * element.size_bytes);
    return fmt::format("{}", static_cast<std::int64_t>(bits << unused) >> unused);
  }
  const double value = decode(element, bits);
  if (std::isnan(value)) return "nan";  // of either sign
  return element.coding == Coding::f64 ? fmt::format("{}", value)
                                       : fmt::format("{}", static_cast<float>(value));
}

std::uint64_t load_bits(const Element& element, const std::byte* data, std::int64_t index) {
  std::uint64_t bits = 0;
  std::memcpy(
      &bits, data + index * element.size_bytes, static_cast<std::size_t>(element.size_bytes));
  return bits;
}

void store_bits(const Element& element, std::byte* data, std::int64_t index, std::uint64_t bits) {
  std::memcpy(
      data + index * element.size_bytes, &bits, static_cast<std::size_t>(element.size_bytes));
}

}  // namespace attest
