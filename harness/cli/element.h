// Element types of buffers on the command line: sizes, values from text and from doubles, text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace attest {

enum class Coding : std::uint8_t {
  f16,
  bf16,
  f32,
  f64,
  tf32,
  e4m3,
  e5m2,
  signed_integer,
  unsigned_integer
};

/// One type, by its name: "f16", "e4m3", "i32". Compared by address.
struct Element {
  std::string_view name;
  Coding coding = Coding::f32;
  std::int64_t size_bytes = 0;
  std::string_view npy;  // how .npy files hold it: "f2", or "u2" for the bit patterns of bf16

  [[nodiscard]] bool is_float() const { return coding < Coding::signed_integer; }
};

[[nodiscard]] std::span<const Element> all_elements();
/// Errors  Code::bad_input with the allowed names.
Result<const Element*> parse_element(std::string_view name);
/// The type that numpy's "f4" is; null when there is none, as for "c8".
[[nodiscard]] const Element* element_of_npy(std::string_view npy);

/// Low bits of one element. "1.5", "-inf", "nan", "7"; "0x3c00" is a bit pattern of any type.
/// Errors  Code::bad_input with the range of the type.
Result<std::uint64_t> parse_value(const Element& element, std::string_view text);

/// The bits of a floating type nearest to `value`, ties to even. e4m3 has no infinity: beyond its
/// largest value it stays there.
[[nodiscard]] std::uint64_t encode(const Element& element, double value);
/// The value of a floating type's bits.
[[nodiscard]] double decode(const Element& element, std::uint64_t bits);
/// Shortest text that says which value it is.
[[nodiscard]] std::string value_text(const Element& element, std::uint64_t bits);

[[nodiscard]] std::uint64_t load_bits(const Element& element,
                                      const std::byte* data,
                                      std::int64_t index);
void store_bits(const Element& element, std::byte* data, std::int64_t index, std::uint64_t bits);

}  // namespace attest
