// Conversions: every pattern of the 16-bit types, every midpoint, and the hardware's own answers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/dtype.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <immintrin.h>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr std::uint32_t kPatterns = 1u << 16;

/// The value of a pattern by another way than decode(): the F16C instruction, and the upper half of
/// an f32.
double value_by_hardware(Dtype dtype, std::uint32_t bits) {
  switch (dtype) {
    case Dtype::f16:
      return static_cast<double>(_cvtsh_ss(static_cast<std::uint16_t>(bits)));
    case Dtype::bf16:
      return static_cast<double>(std::bit_cast<float>(bits << 16));
    case Dtype::f32:
      return static_cast<double>(std::bit_cast<float>(bits));
  }
  return 0;
}

struct Format {
  std::uint32_t infinity;  // also the mask of the exponent
  std::uint32_t sign;
  std::uint32_t quiet;
};
Format format(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return {0x7c00, 0x8000, 0x0200};
    case Dtype::bf16:
      return {0x7f80, 0x8000, 0x0040};
    case Dtype::f32:
      return {0x7f800000, 0x80000000, 0x00400000};
  }
  return {};
}

double next_up(double positive) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(positive) + 1);
}
double next_down(double positive) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(positive) - 1);
}

/// Patterns to try: all of a 16-bit type; for f32 a step through all, and the ends of every binade.
std::vector<std::uint32_t> patterns(Dtype dtype) {
  std::vector<std::uint32_t> out;
  if (dtype != Dtype::f32) {
    for (std::uint32_t bits = 0; bits < kPatterns; ++bits)
      out.push_back(bits);
    return out;
  }
  for (std::uint64_t bits = 0; bits <= 0xffffffffu; bits += 20011) {
    out.push_back(static_cast<std::uint32_t>(bits));
  }
  for (std::uint32_t top = 0; top < 512; ++top) {
    for (const std::uint32_t mantissa : {0u, 1u, 2u, 0x3fffffu, 0x400000u, 0x7ffffeu, 0x7fffffu}) {
      out.push_back(top << 23 | mantissa);
    }
  }
  return out;
}

class EveryDtype : public testing::TestWithParam<Dtype> {};
INSTANTIATE_TEST_SUITE_P(Dtypes, EveryDtype, testing::ValuesIn(kDtypes), [](const auto& dtype) {
  return std::string(name(dtype.param));
});

TEST_P(EveryDtype, DecodesAsTheHardwareDoes) {
  for (const std::uint32_t bits : patterns(GetParam())) {
    const double want = value_by_hardware(GetParam(), bits);
    const double got = decode(GetParam(), bits);
    if (std::isnan(want)) {
      ASSERT_TRUE(std::isnan(got)) << std::hex << bits;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(got), std::bit_cast<std::uint64_t>(want))
          << std::hex << bits;
    }
  }
}

TEST_P(EveryDtype, EncodeInvertsDecode) {
  const Format f = format(GetParam());
  for (const std::uint32_t bits : patterns(GetParam())) {
    const bool is_nan = (bits & (f.sign - 1)) > f.infinity;
    const std::uint32_t want = is_nan ? bits | f.quiet : bits;
    ASSERT_EQ(encode(GetParam(), decode(GetParam(), bits)), want) << std::hex << bits;
  }
}

TEST_P(EveryDtype, RoundsToNearestEvenAroundEveryMidpoint) {
  const Format f = format(GetParam());
  for (const std::uint32_t lower : patterns(GetParam())) {
    if (lower >= f.infinity) continue;  // negative, or not finite
    const std::uint32_t upper = lower + 1;
    const double low = value_by_hardware(GetParam(), lower);
    // Overflow starts half a unit above the largest value, as if the exponent went on.
    const double high = upper == f.infinity ? low + (low - value_by_hardware(GetParam(), lower - 1))
                                            : value_by_hardware(GetParam(), upper);
    const double middle = low + (high - low) / 2;
    const std::uint32_t even = lower % 2 == 0 ? lower : upper;
    ASSERT_EQ(encode(GetParam(), middle), even) << std::hex << lower;
    ASSERT_EQ(encode(GetParam(), next_up(middle)), upper) << std::hex << lower;
    ASSERT_EQ(encode(GetParam(), next_down(middle)), lower) << std::hex << lower;
    ASSERT_EQ(encode(GetParam(), -middle), even | f.sign) << std::hex << lower;
    ASSERT_EQ(encode(GetParam(), -next_up(middle)), upper | f.sign) << std::hex << lower;
    ASSERT_EQ(encode(GetParam(), -next_down(middle)), lower | f.sign) << std::hex << lower;
  }
}

TEST_P(EveryDtype, EncodesTheExtremesOfDouble) {
  const Format f = format(GetParam());
  using Limits = std::numeric_limits<double>;
  EXPECT_EQ(encode(GetParam(), 0.0), 0u);
  EXPECT_EQ(encode(GetParam(), -0.0), f.sign);
  EXPECT_EQ(encode(GetParam(), Limits::denorm_min()), 0u);
  EXPECT_EQ(encode(GetParam(), -Limits::min()), f.sign);
  EXPECT_EQ(encode(GetParam(), Limits::max()), f.infinity);
  EXPECT_EQ(encode(GetParam(), -Limits::max()), f.infinity | f.sign);
  EXPECT_EQ(encode(GetParam(), Limits::infinity()), f.infinity);
  EXPECT_EQ(encode(GetParam(), -Limits::infinity()), f.infinity | f.sign);
  const auto payload_of_low_bits = std::bit_cast<double>(0x7ff0000000000001u);
  EXPECT_EQ(encode(GetParam(), payload_of_low_bits), f.infinity | f.quiet);
}

TEST_P(EveryDtype, LimitsAreThoseOfTheFormat) {
  const Format f = format(GetParam());
  const std::uint32_t one = encode(GetParam(), 1.0);
  EXPECT_EQ(unit_roundoff(GetParam()), (value_by_hardware(GetParam(), one + 1) - 1) / 2);
  EXPECT_EQ(largest_finite(GetParam()), value_by_hardware(GetParam(), f.infinity - 1));
  EXPECT_EQ(smallest_subnormal(GetParam()), value_by_hardware(GetParam(), 1));
}

TEST_P(EveryDtype, StoresOneElementLittleEndian) {
  const auto size = static_cast<std::size_t>(size_bytes(GetParam()));
  std::vector<std::byte> bytes(3 * size, std::byte{0xee});
  store_bits(GetParam(), bytes.data(), 1, 0x81828384u);
  EXPECT_EQ(bytes[size - 1], std::byte{0xee});
  EXPECT_EQ(bytes[size], std::byte{0x84});
  EXPECT_EQ(bytes[size + 1], std::byte{0x83});
  EXPECT_EQ(bytes[2 * size], std::byte{0xee});
  EXPECT_EQ(load_bits(GetParam(), bytes.data(), 1), size == 4 ? 0x81828384u : 0x8384u);
}

TEST(Dtype, RoundsRandomDoublesAsTheHardwareDoes) {
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    const std::uint64_t word = random_bits(1, 0, i);
    const auto wild = std::bit_cast<double>(word);
    if (!std::isnan(wild)) {
      ASSERT_EQ(encode(Dtype::f32, wild), std::bit_cast<std::uint32_t>(static_cast<float>(wild)));
    }
    // Exponents from below f32's subnormals to above its overflow.
    const std::uint64_t exponent = 1023 - 160 + word % 300;
    const auto near = std::bit_cast<double>((word & 0x800fffffffffffffu) | exponent << 52);
    ASSERT_EQ(encode(Dtype::f32, near), std::bit_cast<std::uint32_t>(static_cast<float>(near)));
    // From an f32 there is one rounding in the instruction too.
    const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(word >> 32));
    if (std::isnan(single)) continue;
    ASSERT_EQ(encode(Dtype::f16, static_cast<double>(single)), _cvtss_sh(single, 0));
  }
}

TEST(Dtype, RoundsOnceFromDouble) {
  // Just above a midpoint of f16 and bf16 by less than f32 can hold: two roundings would tie down.
  EXPECT_EQ(encode(Dtype::f16, 1 + 0x1p-11 + 0x1p-50), 0x3c01u);
  EXPECT_EQ(encode(Dtype::bf16, 1 + 0x1p-8 + 0x1p-50), 0x3f81u);
}

TEST(Dtype, NamesParseBack) {
  for (const Dtype dtype : kDtypes) {
    const Result<Dtype> parsed = parse_dtype(name(dtype));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, dtype);
  }
  const Result<Dtype> wrong = parse_dtype("f12");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::bad_input);
  EXPECT_EQ(wrong.error().message, "dtype 'f12'; allowed: f32, f16, bf16");
}

}  // namespace
}  // namespace attest
