// Element types: names, limits, and conversions in integer arithmetic.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/dtype.h"

#include <bit>
#include <cstring>
#include <string>

namespace attest {
namespace {

constexpr int kDoubleMantissa = 52;
constexpr int kDoubleBias = 1023;
constexpr std::uint64_t kDoubleExponentMask = 0x7ff;

/// IEEE 754 binary interchange format, narrower than double.
template <int ExponentBits, int MantissaBits>
struct Format {
  static constexpr int kMantissa = MantissaBits;
  static constexpr int kBias = (1 << (ExponentBits - 1)) - 1;
  static constexpr int kSignShift = ExponentBits + MantissaBits;
  static constexpr std::uint64_t kMaxExponent = (std::uint64_t{1} << ExponentBits) - 1;
  static constexpr std::uint64_t kInfinity = kMaxExponent << MantissaBits;
  static constexpr std::uint64_t kQuiet = std::uint64_t{1} << (MantissaBits - 1);
  static constexpr std::uint64_t kMantissaMask = (std::uint64_t{1} << MantissaBits) - 1;
};
using Float32 = Format<8, 23>;
using Float16 = Format<5, 10>;
using Bfloat16 = Format<8, 7>;

constexpr double power_of_two(int exponent) {  // of a normal double
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + kDoubleBias)
                               << kDoubleMantissa);
}

template <class F>
double decode_as(std::uint64_t bits) {
  const std::uint64_t sign = (bits >> F::kSignShift) & 1;
  const std::uint64_t exponent = (bits >> F::kMantissa) & F::kMaxExponent;
  const std::uint64_t mantissa = bits & F::kMantissaMask;
  if (exponent == 0) {
    const double magnitude =
        static_cast<double>(mantissa) * power_of_two(1 - F::kBias - F::kMantissa);
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint64_t wide_exponent =
      exponent == F::kMaxExponent ? kDoubleExponentMask
                                  : exponent + static_cast<std::uint64_t>(kDoubleBias - F::kBias);
  return std::bit_cast<double>(sign << 63 | wide_exponent << kDoubleMantissa |
                               mantissa << (kDoubleMantissa - F::kMantissa));
}

template <class F>
std::uint32_t encode_as(double value) {
  constexpr int kDropped = kDoubleMantissa - F::kMantissa;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t sign = bits >> 63 << F::kSignShift;
  const std::uint64_t wide_exponent = (bits >> kDoubleMantissa) & kDoubleExponentMask;
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kDoubleMantissa) - 1);
  if (wide_exponent == kDoubleExponentMask) {
    const std::uint64_t payload = fraction == 0 ? 0 : F::kQuiet | fraction >> kDropped;
    return static_cast<std::uint32_t>(sign | F::kInfinity | payload);
  }
  // A subnormal double is far below half the smallest subnormal of any F: its missing hidden bit
  // does not matter.
  const std::uint64_t significand = fraction | std::uint64_t{1} << kDoubleMantissa;
  const int exponent = static_cast<int>(wide_exponent) - kDoubleBias + F::kBias;
  const int excess = exponent > 0 ? 0 : 1 - exponent;  // bits lost below the subnormal exponent
  const int shift = kDropped + excess > 63 ? 63 : kDropped + excess;
  const std::uint64_t odd = (significand >> shift) & 1;
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t rounded = (significand + (half - 1) + odd) >> shift;
  // The hidden bit of `rounded` adds one to the exponent field, and so does a carry out of it.
  const std::uint64_t field = exponent > 0 ? static_cast<std::uint64_t>(exponent - 1) : 0;
  const std::uint64_t magnitude = (field << F::kMantissa) + rounded;
  return static_cast<std::uint32_t>(sign | (magnitude < F::kInfinity ? magnitude : F::kInfinity));
}

}  // namespace

std::string_view name(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return "f32";
    case Dtype::f16:
      return "f16";
    case Dtype::bf16:
      return "bf16";
  }
  fail_check("dtype has a name", __FILE__, __LINE__);
}

Result<Dtype> parse_dtype(std::string_view text) {
  std::string allowed;
  for (const Dtype dtype : kDtypes) {
    if (text == name(dtype)) return dtype;
    allowed += allowed.empty() ? "" : ", ";
    allowed += name(dtype);
  }
  return Error{
      Code::bad_input, "dtype '" + std::string(text.substr(0, 40)) + "'; allowed: " + allowed, ""};
}

double decode(Dtype dtype, std::uint32_t bits) {
  switch (dtype) {
    case Dtype::f32:
      return decode_as<Float32>(bits);
    case Dtype::f16:
      return decode_as<Float16>(bits & 0xffff);
    case Dtype::bf16:
      return decode_as<Bfloat16>(bits & 0xffff);
  }
  fail_check("dtype can be decoded", __FILE__, __LINE__);
}

std::uint32_t encode(Dtype dtype, double value) {
  switch (dtype) {
    case Dtype::f32:
      return encode_as<Float32>(value);
    case Dtype::f16:
      return encode_as<Float16>(value);
    case Dtype::bf16:
      return encode_as<Bfloat16>(value);
  }
  fail_check("dtype can be encoded", __FILE__, __LINE__);
}

double unit_roundoff(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return 0x1p-24;
    case Dtype::f16:
      return 0x1p-11;
    case Dtype::bf16:
      return 0x1p-8;
  }
  fail_check("dtype has a unit roundoff", __FILE__, __LINE__);
}

double largest_finite(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return 0x1.fffffep127;
    case Dtype::f16:
      return 0x1.ffcp15;
    case Dtype::bf16:
      return 0x1.fep127;
  }
  fail_check("dtype has a largest value", __FILE__, __LINE__);
}

double smallest_subnormal(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return 0x1p-149;
    case Dtype::f16:
      return 0x1p-24;
    case Dtype::bf16:
      return 0x1p-133;
  }
  fail_check("dtype has a smallest value", __FILE__, __LINE__);
}

std::uint32_t load_bits(Dtype dtype, const std::byte* data, std::int64_t element) {
  if (dtype == Dtype::f32) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, data + element * 4, 4);
    return bits;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, data + element * 2, 2);
  return bits;
}

void store_bits(Dtype dtype, std::byte* data, std::int64_t element, std::uint32_t bits) {
  if (dtype == Dtype::f32) {
    std::memcpy(data + element * 4, &bits, 4);
    return;
  }
  const auto low = static_cast<std::uint16_t>(bits);
  std::memcpy(data + element * 2, &low, 2);
}

}  // namespace attest
