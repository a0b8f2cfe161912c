// Whole products against the specification of one output, for every datapath; integers, bits, f64.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_tile.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

constexpr int kM = 16;
constexpr int kN = 8;

std::uint32_t bits(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

/// Draws of one case.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  std::uint32_t word() { return static_cast<std::uint32_t>(random_bits(seed_, stream_, next_++)); }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t next_ = 0;
};

std::uint32_t mask_of(MmaFormat format) {
  const int width = mma_width(format);
  return width == 32 ? ~0U : (1U << width) - 1U;
}

/// Any bits; or the exponent fields of a narrow window; or zeros among them.
std::uint32_t element(Draws& draws, MmaFormat format, int mode) {
  const std::uint32_t word = draws.word();
  const MmaFields& fields = mma_fields(format);
  if (mode == 0) {
    return word & mask_of(format);
  }
  if (mode == 2 && word % 4 == 0) {
    return word >> 8 & 1U ? 0U : 1U << (fields.shift + fields.exponent_bits + fields.fraction_bits);
  }
  const std::uint32_t top = (1U << fields.exponent_bits) - 1U;
  const std::uint32_t window = mode == 3 ? 0U : top / 2 - std::min(top / 2, 6U);
  const std::uint32_t field = window + (word >> 28) % std::min(12U, top);
  const std::uint32_t low = word & ((1U << fields.fraction_bits) - 1U);
  const std::uint32_t sign = word >> 27 & 1U;
  return ((sign << fields.exponent_bits | field) << fields.fraction_bits | low) << fields.shift;
}

struct Case {
  int sm;
  MmaFormat a;
  MmaFormat b;
  MmaFormat accumulator;
  MmaUnit unit = MmaUnit::mma;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  constexpr std::array kFormats = {MmaFormat::f16,
                                   MmaFormat::bf16,
                                   MmaFormat::tf32,
                                   MmaFormat::e4m3,
                                   MmaFormat::e5m2,
                                   MmaFormat::e3m2,
                                   MmaFormat::e2m3,
                                   MmaFormat::e2m1};
  for (const int sm : {70, 75, 80, 86, 89, 90, 100, 120}) {
    for (const MmaFormat format : kFormats) {
      for (const MmaFormat accumulator : {MmaFormat::f32, MmaFormat::f16}) {
        for (const MmaUnit unit : {MmaUnit::mma, MmaUnit::wgmma}) {
          if (mma_model(sm, format, accumulator, unit) != nullptr) {
            all.push_back({sm, format, format, accumulator, unit});
          }
        }
      }
    }
  }
  all.push_back({89, MmaFormat::e4m3, MmaFormat::e5m2, MmaFormat::f32});
  all.push_back({90, MmaFormat::e5m2, MmaFormat::e4m3, MmaFormat::f16});
  all.push_back({120, MmaFormat::e2m1, MmaFormat::e4m3, MmaFormat::f32});
  return all;
}

int products_of(MmaFormat format) {
  return 256 / mma_width(format);
}

std::string named(const Case& c) {
  return "sm_" + std::to_string(c.sm) + ", formats " + std::to_string(static_cast<int>(c.a)) + " " +
         std::to_string(static_cast<int>(c.b)) + " " +
         std::to_string(static_cast<int>(c.accumulator));
}

TEST(MmaTile, IsTheSpecificationForEveryDatapath) {
  ASSERT_GT(cases().size(), 40U);
  std::uint64_t stream = 0;
  for (const Case& tested : cases()) {
    const MmaModel& model = *mma_model(tested.sm, tested.a, tested.accumulator, tested.unit);
    const int k = products_of(tested.a);
    for (int mode = 0; mode < 4; ++mode) {
      for (int round = 0; round < 4; ++round) {
        Draws draws(20'251, ++stream);
        std::vector<std::uint32_t> a(static_cast<std::size_t>(kM * k));
        std::vector<std::uint32_t> b(static_cast<std::size_t>(kN * k));
        std::vector<std::uint32_t> c(kM * kN);
        for (auto& x : a)
          x = element(draws, tested.a, mode);
        for (auto& x : b)
          x = element(draws, tested.b, mode);
        for (auto& x : c)
          x = element(draws, tested.accumulator, mode);
        std::vector<std::uint32_t> d = c;
        const int redone =
            mma_tile_exact({tested.a, tested.b}, model, {kM, kN, k, a.data(), b.data(), d.data()});
        if (mode == 1) {
          EXPECT_EQ(redone, 0) << named(tested);
        }
        for (int i = 0; i < kM * kN; ++i) {
          const std::uint32_t want = mma_dot_exact({tested.a, tested.b},
                                                   model,
                                                   a.data() + i / kN * k,
                                                   b.data() + i % kN * k,
                                                   k,
                                                   c[static_cast<std::size_t>(i)]);
          ASSERT_EQ(d[static_cast<std::size_t>(i)], want)
              << named(tested) << ", mode " << mode << ", output " << i;
        }
      }
    }
  }
}

/// Bits of a small integer, exact in every format.
std::uint32_t small(MmaFormat format, int value) {
  const MmaFields& fields = mma_fields(format);
  if (value == 0) {
    return 0;
  }
  const auto size = static_cast<std::uint32_t>(std::abs(value));
  const int exponent = std::bit_width(size) - 1;
  const int bias = (1 << fields.exponent_bits) / 2 - 1;
  const std::uint32_t low =
      (size << fields.fraction_bits >> exponent) & ((1U << fields.fraction_bits) - 1U);
  const auto field = static_cast<std::uint32_t>(exponent + bias);
  const std::uint32_t sign = value < 0 ? 1U : 0U;
  return ((sign << fields.exponent_bits | field) << fields.fraction_bits | low) << fields.shift;
}

// Sums of small integers are exact whatever is cut off, but for fp8 with 13 fraction bits or f16
// results: 32 * 2 * 2 + 8 is within those too.
TEST(MmaTile, AddsSmallIntegersExactlyOnEveryGpu) {
  std::uint64_t stream = 1'000;
  for (const Case& tested : cases()) {
    const MmaModel& model = *mma_model(tested.sm, tested.a, tested.accumulator, tested.unit);
    const int k = products_of(tested.a);
    Draws draws(20'251, ++stream);
    const auto draw = [&](int most) {
      return static_cast<int>(draws.word() % static_cast<std::uint32_t>(2 * most + 1)) - most;
    };
    std::vector<int> x(static_cast<std::size_t>(kM * k));
    std::vector<int> y(static_cast<std::size_t>(kN * k));
    std::vector<int> z(kM * kN);
    for (auto& v : x)
      v = draw(2);
    for (auto& v : y)
      v = draw(2);
    for (auto& v : z)
      v = draw(8);
    std::vector<std::uint32_t> a;
    std::vector<std::uint32_t> b;
    std::vector<std::uint32_t> d;
    for (const int v : x)
      a.push_back(small(tested.a, v));
    for (const int v : y)
      b.push_back(small(tested.b, v));
    for (const int v : z)
      d.push_back(small(tested.accumulator, v));
    std::vector<std::uint32_t> fast = d;
    mma_tile_exact({tested.a, tested.b}, model, {kM, kN, k, a.data(), b.data(), d.data()});
    mma_tile_fast({tested.a, tested.b},
                  tested.accumulator == MmaFormat::f16,
                  {kM, kN, k, a.data(), b.data(), fast.data()});
    for (int i = 0; i < kM * kN; ++i) {
      int want = z[static_cast<std::size_t>(i)];
      for (int n = 0; n < k; ++n) {
        want += x[static_cast<std::size_t>(i / kN * k + n)] *
                y[static_cast<std::size_t>(i % kN * k + n)];
      }
      ASSERT_EQ(d[static_cast<std::size_t>(i)], small(tested.accumulator, want))
          << named(tested) << ", output " << i;
      ASSERT_EQ(fast[static_cast<std::size_t>(i)], small(tested.accumulator, want))
          << named(tested) << ", output " << i;
    }
  }
}

// fma in ascending k: 1 + 2^-24 is 1 in f32, and then 2^-24 more does not change it; the other way
// round it does.
TEST(MmaTile, ChainsInAscendingKWhenFast) {
  std::vector<std::uint32_t> a(kM * 8, 0);
  std::vector<std::uint32_t> b(kN * 8, 0);
  for (int i = 0; i < kM; ++i) {
    a[static_cast<std::size_t>(i * 8)] = a[static_cast<std::size_t>(i * 8 + 1)] = bits(0x1p-24F);
    if (i % 2 == 1) {
      a[static_cast<std::size_t>(i * 8 + 2)] = bits(1.0F);
    }
  }
  for (auto& x : b)
    x = bits(1.0F);
  std::vector<std::uint32_t> c(kM * kN);
  for (int i = 0; i < kM * kN; ++i) {
    c[static_cast<std::size_t>(i)] = i / kN % 2 == 1 ? 0U : bits(1.0F);
  }
  mma_tile_fast(
      {MmaFormat::tf32, MmaFormat::tf32}, false, {kM, kN, 8, a.data(), b.data(), c.data()});
  EXPECT_EQ(c[0], bits(1.0F));
  EXPECT_EQ(c[kN], bits(1.0F + 0x1p-23F));
}

TEST(MmaTile, RoundsF64AsTheModeSays) {
  const std::array<double, 32> a = {0x1p-60, 0x1p-60, -0x1p-60, 0x1p-60};
  std::array<double, 32> b{};
  b.fill(1.0);
  const auto run = [&](Rounding mode, double c) {
    std::array<double, 64> d{};
    d.fill(c);
    mma_tile_f64(mode, {8, 8, 4, a.data(), b.data(), d.data()});
    return d[0];
  };
  const double step = 0x1p-52;
  EXPECT_EQ(run(Rounding::rn, 1.0), 1.0);
  EXPECT_EQ(run(Rounding::rp, 1.0), 1.0 + 3 * step);  // the subtraction rounds back up
  EXPECT_EQ(run(Rounding::rm, 1.0), 1.0 - step / 2);
  EXPECT_EQ(run(Rounding::rz, 1.0), 1.0 - step / 2);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}

TEST(MmaTile, WrapsAndSaturatesIntegers) {
  const std::vector<std::uint32_t> a(8 * 16, 0x7f);
  const std::vector<std::uint32_t> b(8 * 16, 0x80);
  std::vector<std::uint32_t> c(64, 0x80000000U);
  mma_tile_integer(
      {MmaFormat::int8, MmaFormat::int8}, true, {8, 8, 16, a.data(), b.data(), c.data()});
  EXPECT_EQ(c[0], 0x80000000U);
  mma_tile_integer(
      {MmaFormat::int8, MmaFormat::int8}, false, {8, 8, 16, a.data(), b.data(), c.data()});
  EXPECT_EQ(c[0], 0x80000000U - 16U * 127U * 128U);
  c[0] = 0x7fffffffU;
  mma_tile_integer(
      {MmaFormat::int8, MmaFormat::uint8}, true, {8, 8, 16, a.data(), b.data(), c.data()});
  EXPECT_EQ(c[0], 0x7fffffffU);
}

}  // namespace
}  // namespace attest::ptx
