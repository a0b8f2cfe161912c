// Conversions to and from 8-bit and 6-bit floats over all halves, against a search of all codes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/rows.h"
#include "harness/ptx/machine/round_half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

using Words = std::vector<std::uint64_t>;

/// A format by its definition: sign, biased exponent, fraction.
struct Format {
  std::string name;
  int exponent_bits;
  int fraction_bits;
  unsigned first_special;  // magnitudes from here on are no finite values
  unsigned infinity;       // magnitude; 0: none
  unsigned nan;            // what NaN converts to
};

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {{"e4m3x2", 4, 3, 0x7f, 0, 0x7f},
                                            {"e5m2x2", 5, 2, 0x7c, 0x7c, 0x7f},
                                            {"e2m3x2", 2, 3, 0x20, 0, 0x1f},
                                            {"e3m2x2", 3, 2, 0x20, 0, 0x1f}};
  return table;
}

double magnitude(const Format& f, unsigned code) {
  const int bias = (1 << (f.exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(code >> f.fraction_bits);
  const unsigned fraction = code & ((1U << f.fraction_bits) - 1);
  const double significand = std::ldexp(fraction, -f.fraction_bits) + (exponent == 0 ? 0 : 1);
  return std::ldexp(significand, (exponent == 0 ? 1 : exponent) - bias);
}

/// The nearest finite code, ties to an even one.
unsigned nearest(const Format& f, double value) {
  if (std::isnan(value)) return f.nan;
  const unsigned sign = std::signbit(value) ? 1U << (f.exponent_bits + f.fraction_bits) : 0;
  const double size = std::fabs(value);
  const unsigned largest = f.first_special - 1;
  if (size >= magnitude(f, largest)) return sign | largest;  // too far away to tell codes apart
  unsigned best = 0;
  for (unsigned code = 1; code < f.first_special; ++code) {
    const double closer =
        std::fabs(size - magnitude(f, best)) - std::fabs(size - magnitude(f, code));
    if (closer > 0 || (closer == 0 && code % 2 == 0)) best = code;
  }
  return sign | best;
}

Words run(const std::string& body, int bits, std::vector<Words> operands) {
  const auto out = run_rows({body, bits, std::move(operands)});
  EXPECT_TRUE(out.has_value()) << out.error().to_string();
  return out.has_value() ? *out : Words();
}

template <class Half>
void expect_all_halves(const Format& f, const std::string& type) {
  Words packed(1 << 16);
  for (std::size_t i = 0; i < packed.size(); ++i)
    packed[i] = i | (0xffff - i) << 16;
  const Words got = run("cvt.rn.satfinite." + f.name + "." + type + " %x16, %a32;", 16, {packed});
  ASSERT_EQ(got.size(), packed.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    ASSERT_EQ(got[i] & 0xff, nearest(f, static_cast<double>(Half::widen(half))))
        << f.name << " " << i;
    ASSERT_EQ(got[i] >> 8, got[0xffff - i] & 0xff) << f.name << " upper " << i;
  }
}

TEST(SmallFloat, EveryHalfGoesToTheNearestCode) {
  for (const Format& f : formats()) {
    expect_all_halves<F16>(f, "f16x2");
    expect_all_halves<Bf16>(f, "bf16x2");
  }
}

TEST(SmallFloat, F32IsRoundedOnce) {
  // Next to the middle of two codes on both sides: a detour over f16 would lose the difference.
  for (const Format& f : formats()) {
    Words values;
    for (unsigned code = 0; code + 1 < f.first_special; ++code) {
      const auto middle = static_cast<float>((magnitude(f, code) + magnitude(f, code + 1)) / 2);
      for (const std::uint32_t nudge : {0xffffffffU, 0U, 1U})
        values.push_back(bits_of(middle) + nudge);
    }
    const Words got = run("cvt.rn.satfinite." + f.name + ".f32 %x16, %a32, %a32;", 16, {values});
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float value = f32_of(static_cast<std::uint32_t>(values[i]));
      ASSERT_EQ(got[i] & 0xff, nearest(f, static_cast<double>(value))) << f.name << " " << value;
    }
  }
}

TEST(SmallFloat, EveryCodeIsExactInF16) {
  for (const Format& f : formats()) {
    const unsigned sign = 1U << (f.exponent_bits + f.fraction_bits);
    Words codes;
    for (unsigned code = 0; code < 2 * sign; ++code)
      codes.push_back(code << 8);
    const Words got = run("cvt.rn.f16x2." + f.name + " %x32, %a16;", 32, {codes});
    for (unsigned code = 0; code < 2 * sign; ++code) {
      const float value = F16::widen(static_cast<std::uint16_t>(got[code] >> 16));
      const unsigned size = code & (sign - 1);
      EXPECT_EQ(got[code] & 0xffff, 0U);
      if (size >= f.first_special && (f.infinity == 0 || size != f.infinity)) {
        EXPECT_EQ(got[code] >> 16, 0x7fffU) << f.name << " " << code;
        continue;
      }
      EXPECT_EQ(std::signbit(value), (code & sign) != 0) << f.name << " " << code;
      if (f.infinity != 0 && size == f.infinity) {
        EXPECT_TRUE(std::isinf(value)) << f.name << " " << code;
      } else {
        EXPECT_EQ(static_cast<double>(std::fabs(value)), magnitude(f, size))
            << f.name << " " << code;
      }
    }
  }
}

}  // namespace
}  // namespace attest::ptx
