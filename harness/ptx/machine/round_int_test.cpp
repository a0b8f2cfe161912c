// Float to integer and back: clamping, NaN, every rounding mode, against exact comparison.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/round_int.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>

namespace attest::ptx {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::bit_cast<float>(0x7fc00000U);

TEST(RoundInt, ClampsAndTreatsNan) {
  EXPECT_EQ((to_int<std::int32_t, Rounding::rz>(3e9F)), INT32_MAX);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rz>(-3e9F)), INT32_MIN);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rn>(0x1p31F)), INT32_MAX);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rn>(-0x1p31F)), INT32_MIN);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rn>(0x1.fffffep30F)), 2147483520);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rn>(kNan)), 0);
  EXPECT_EQ((to_int<std::uint32_t, Rounding::rz>(-0.5F)), 0U);
  EXPECT_EQ((to_int<std::uint32_t, Rounding::rm>(-0.5F)), 0U);
  EXPECT_EQ((to_int<std::uint32_t, Rounding::rz>(4e9F)), 4000000000U);
  EXPECT_EQ((to_int<std::uint32_t, Rounding::rz>(kInf)), UINT32_MAX);
  EXPECT_EQ((to_int<std::uint32_t, Rounding::rz>(kNan)), 0U);
  EXPECT_EQ((to_int<std::int64_t, Rounding::rz>(kInf)), INT64_MAX);
  EXPECT_EQ((to_int<std::int64_t, Rounding::rz>(-kInf)), INT64_MIN);
  EXPECT_EQ((to_int<std::int64_t, Rounding::rz>(-0x1p62F)), -(std::int64_t{1} << 62));
  EXPECT_EQ((to_int<std::int64_t, Rounding::rz>(kNan)), INT64_MIN);
  EXPECT_EQ((to_int<std::uint64_t, Rounding::rz>(0x1p63F)), std::uint64_t{1} << 63);
  EXPECT_EQ((to_int<std::uint64_t, Rounding::rz>(0x1p64F)), UINT64_MAX);
  EXPECT_EQ((to_int<std::uint64_t, Rounding::rz>(-1.0F)), 0U);
  EXPECT_EQ((to_int<std::uint64_t, Rounding::rz>(kNan)), std::uint64_t{1} << 63);
  EXPECT_EQ((to_int<std::int8_t, Rounding::rn>(-128.4F)), -128);
  EXPECT_EQ((to_int<std::int8_t, Rounding::rn>(127.5F)), 127);
  EXPECT_EQ((to_int<std::uint16_t, Rounding::rn>(65534.5F)), 65534);
  EXPECT_EQ((to_int<std::int32_t, Rounding::rz>(static_cast<double>(kNan))), INT32_MIN);
}

TEST(RoundInt, RoundsHalvesInEveryMode) {
  const struct {
    float value;
    std::int32_t rn, rz, rm, rp;
  } rows[] = {{0.5F, 0, 0, 0, 1},
              {1.5F, 2, 1, 1, 2},
              {2.5F, 2, 2, 2, 3},
              {-0.5F, 0, 0, -1, 0},
              {-1.5F, -2, -1, -2, -1},
              {-2.5F, -2, -2, -3, -2},
              {0.49999997F, 0, 0, 0, 1},
              {8388607.5F, 8388608, 8388607, 8388607, 8388608},
              {-7.0F, -7, -7, -7, -7}};
  for (const auto& row : rows) {
    EXPECT_EQ((to_int<std::int32_t, Rounding::rn>(row.value)), row.rn) << row.value;
    EXPECT_EQ((to_int<std::int32_t, Rounding::rz>(row.value)), row.rz) << row.value;
    EXPECT_EQ((to_int<std::int32_t, Rounding::rm>(row.value)), row.rm) << row.value;
    EXPECT_EQ((to_int<std::int32_t, Rounding::rp>(row.value)), row.rp) << row.value;
    EXPECT_EQ((to_int<std::int64_t, Rounding::rm>(row.value)), row.rm) << row.value;
    EXPECT_EQ(to_integral<Rounding::rn>(row.value), static_cast<float>(row.rn));
    EXPECT_EQ(to_integral<Rounding::rz>(row.value), static_cast<float>(row.rz));
    EXPECT_EQ(to_integral<Rounding::rm>(row.value), static_cast<float>(row.rm));
    EXPECT_EQ(to_integral<Rounding::rp>(row.value), static_cast<float>(row.rp));
  }
}

/// Every in-range result is within one of the value, on the side that the mode allows.
template <class Int>
void expect_conversions_bracket() {
  std::int64_t wrong = 0;
  for (std::uint64_t bits = 0; bits <= 0xffffffffU; bits += 4099) {
    const float x = f32_of(static_cast<std::uint32_t>(bits));
    const auto value = static_cast<long double>(x);
    if (!(value > static_cast<long double>(std::numeric_limits<Int>::min()) &&
          value < static_cast<long double>(std::numeric_limits<Int>::max()))) {
      continue;
    }
    const auto down = static_cast<long double>(to_int<Int, Rounding::rm>(x));
    const auto up = static_cast<long double>(to_int<Int, Rounding::rp>(x));
    const auto zero = static_cast<long double>(to_int<Int, Rounding::rz>(x));
    const auto near = static_cast<long double>(to_int<Int, Rounding::rn>(x));
    wrong += down <= value && value < down + 1 ? 0 : 1;
    wrong += up - 1 < value && value <= up ? 0 : 1;
    wrong += zero == (value < 0 ? up : down) ? 0 : 1;
    const bool lower = value - down < up - value ||
                       (value - down == up - value && to_int<Int, Rounding::rm>(x) % 2 == 0);
    wrong += near == (lower ? down : up) ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(RoundInt, BracketsEveryValue) {
  expect_conversions_bracket<std::int32_t>();
  expect_conversions_bracket<std::uint32_t>();
  expect_conversions_bracket<std::int64_t>();
  expect_conversions_bracket<std::uint64_t>();
}

/// int to f32: the neighbours in f32 bracket the integer, and the nearest is nearer (exact in 64
/// bits of long double).
template <class Int>
void expect_integers_bracket() {
  std::int64_t wrong = 0;
  for (std::uint64_t i = 0; i < 500'000; ++i) {
    const std::uint64_t word = random_bits(11, 0, i);
    auto value = static_cast<Int>(word >> (random_bits(12, 0, i) % (8 * sizeof(Int))));
    if (i % 3 == 0) {  // a midpoint of two floats, or next to one
      value = static_cast<Int>(((value | 1) << (i % 8)) + static_cast<Int>(i % 5) - 2);
    }
    const auto exact = static_cast<long double>(value);
    const auto down = static_cast<long double>(int_to_f32<Rounding::rm>(value));
    const auto up = static_cast<long double>(int_to_f32<Rounding::rp>(value));
    const auto near = static_cast<long double>(int_to_f32<Rounding::rn>(value));
    const float next = f32_of(bits_of(static_cast<float>(down)) + (down < 0 ? 0xffffffffU : 1U));
    wrong += down <= exact && exact <= up ? 0 : 1;
    wrong += down == exact ? up != exact : up != static_cast<long double>(next);
    wrong += int_to_f32<Rounding::rz>(value) == static_cast<float>(exact < 0 ? up : down) ? 0 : 1;
    wrong += exact - down < up - exact && near != down ? 1 : 0;
    wrong += exact - down > up - exact && near != up ? 1 : 0;
    const std::uint32_t down_bits = bits_of(static_cast<float>(down));
    wrong += exact - down == up - exact && near != (down_bits % 2 == 0 ? down : up) ? 1 : 0;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(RoundInt, RoundsIntegersToNeighbours) {
  expect_integers_bracket<std::int32_t>();
  expect_integers_bracket<std::uint32_t>();
  expect_integers_bracket<std::int64_t>();
  expect_integers_bracket<std::uint64_t>();
}

}  // namespace
}  // namespace attest::ptx
