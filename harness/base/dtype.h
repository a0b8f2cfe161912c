// Element types of tensors: their bits, their exact value, and the nearest bits to a value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace attest {

enum class Dtype : std::uint8_t { f32, f16, bf16 };

inline constexpr std::array<Dtype, 3> kDtypes = {Dtype::f32, Dtype::f16, Dtype::bf16};

/// "f32", "f16", "bf16".
[[nodiscard]] std::string_view name(Dtype dtype);
/// Errors  Code::bad_input, naming the text and the allowed names.
Result<Dtype> parse_dtype(std::string_view text);

[[nodiscard]] constexpr std::int64_t size_bytes(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : 2;
}

/// The value of the low `8 * size_bytes(dtype)` bits; exact, NaN for a NaN pattern.
[[nodiscard]] double decode(Dtype dtype, std::uint32_t bits);
/// The bits nearest to `value`, ties to even, subnormals kept, overflow to Inf, NaN to a quiet NaN.
/// One rounding, also from a double.
[[nodiscard]] std::uint32_t encode(Dtype dtype, double value);

/// Unit roundoff: 2^-24, 2^-11, 2^-8.
[[nodiscard]] double unit_roundoff(Dtype dtype);
/// Largest finite value, and the smallest positive subnormal one.
[[nodiscard]] double largest_finite(Dtype dtype);
[[nodiscard]] double smallest_subnormal(Dtype dtype);

/// Little-endian element at `element` of a packed array.
[[nodiscard]] std::uint32_t load_bits(Dtype dtype, const std::byte* data, std::int64_t element);
void store_bits(Dtype dtype, std::byte* data, std::int64_t element, std::uint32_t bits);

}  // namespace attest
