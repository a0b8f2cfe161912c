// f16 and bf16: every pattern against the processor's F16C and the exact conversions of base.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/round_half.h"

#include "harness/base/dtype.h"
#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <immintrin.h>

namespace attest::ptx {
namespace {

template <class Half>
constexpr Dtype kDtype = Dtype::f16;
template <>
constexpr Dtype kDtype<Bf16> = Dtype::bf16;

template <class Half>
bool is_nan_half(std::uint32_t half) {
  return (half & 0x7fffU) > Half::kInf;
}

/// The Half nearest to an exact value, ties to even, by comparing distances; from `guess` on.
template <class Half>
std::uint16_t nearest(__float128 exact, std::uint16_t guess) {
  const auto distance = [&](std::uint32_t half) {
    // Infinity stands where the next value would be.
    const double step =
        decode(kDtype<Half>, Half::kInf - 1U) - decode(kDtype<Half>, Half::kInf - 2U);
    const double size = (half & 0x7fffU) == Half::kInf
                            ? decode(kDtype<Half>, Half::kInf - 1U) + step
                            : decode(kDtype<Half>, half & 0x7fffU);
    const __float128 gap = exact - static_cast<__float128>((half & 0x8000U) != 0 ? -size : size);
    return gap < 0 ? -gap : gap;
  };
  std::uint32_t best = guess;
  for (const int step : {-1, 1}) {
    const std::uint32_t size = (guess & 0x7fffU) + static_cast<std::uint32_t>(step);
    if (size <= Half::kInf) {
      const std::uint32_t other = (guess & 0x8000U) | size;
      const __float128 gain = distance(best) - distance(other);
      best = gain > 0 || (gain == 0 && other % 2 == 0) ? other : best;
    }
  }
  return static_cast<std::uint16_t>(best);
}

template <class Half>
class RoundHalf : public testing::Test {};
using Halves = testing::Types<F16, Bf16>;
TYPED_TEST_SUITE(RoundHalf, Halves);

TYPED_TEST(RoundHalf, WidensEveryPattern) {
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    const float wide = TypeParam::widen(static_cast<std::uint16_t>(half));
    if (is_nan_half<TypeParam>(half)) {
      ASSERT_EQ(bits_of(wide), 0x7fffffffU) << half;
      ASSERT_EQ((narrow<TypeParam, Rounding::rn>(wide)), 0x7fff);
      ASSERT_EQ((narrow<TypeParam, Rounding::rz>(wide)), 0x7fff);
    } else {
      ASSERT_EQ(bits_of(wide), bits_of(static_cast<float>(decode(kDtype<TypeParam>, half))))
          << half;
      ASSERT_EQ((narrow<TypeParam, Rounding::rn>(wide)), half);
      ASSERT_EQ((narrow<TypeParam, Rounding::rz>(wide)), half);
      ASSERT_EQ((narrow<TypeParam, Rounding::rm>(wide)), half);
      ASSERT_EQ((narrow<TypeParam, Rounding::rp>(wide)), half);
    }
  }
}

// As instruction files use it: loops over 32 lanes, which the compiler vectorises.
TYPED_TEST(RoundHalf, ConvertsEveryPatternInLanes) {
  for (std::uint32_t base = 0; base < 0x10000U; base += 32) {
    std::array<std::uint16_t, 32> halves{};
    std::array<float, 32> wide{};
    std::array<float, 32> above{};
    std::array<std::uint16_t, 32> truncated{};
    std::array<std::uint16_t, 32> rounded{};
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      halves[lane] = static_cast<std::uint16_t>(base + lane);
    }
    for (std::size_t lane = 0; lane < 32; ++lane) {
      wide[lane] = TypeParam::widen(halves[lane]);
      above[lane] = f32_of(bits_of(wide[lane]) + 1U);  // Inf becomes NaN here, a NaN wraps to -0
      truncated[lane] = narrow<TypeParam, Rounding::rz>(above[lane]);
      rounded[lane] = narrow<TypeParam, Rounding::rn>(above[lane]);
    }
    for (std::size_t lane = 0; lane < 32; ++lane) {
      const std::uint32_t half = halves[lane];
      const std::uint32_t size = half & 0x7fffU;
      const std::uint32_t want = size > TypeParam::kInf   ? 0x8000U
                                 : size < TypeParam::kInf ? half
                                                          : 0x7fffU;
      ASSERT_EQ(wide[lane] != wide[lane], size > TypeParam::kInf);
      ASSERT_EQ(truncated[lane], want) << half;
      ASSERT_EQ(rounded[lane], want) << half;
    }
  }
}

/// f32 values at and around each Half and the midpoint above it.
template <class Half, class Check>
void around_every_half(Check check) {
  constexpr std::uint32_t kStep = kDtype<Half> == Dtype::f16 ? 1U << 13 : 1U << 16;
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    if (is_nan_half<Half>(half)) {
      continue;
    }
    const std::uint32_t at = bits_of(Half::widen(static_cast<std::uint16_t>(half)));
    for (const std::uint32_t offset : {0U, kStep / 4, kStep / 2, kStep - 1U}) {
      for (const std::uint32_t nudge : {0xffffffffU, 0U, 1U}) {
        const std::uint32_t bits = at + offset + nudge;
        if ((bits & 0x7fffffffU) <= 0x7f800000U && (bits ^ at) >> 31 == 0) {
          check(f32_of(bits));
        }
      }
    }
    // Between subnormals the midpoint is elsewhere.
    const std::uint32_t next = (half & 0x7fffU) + 1U < Half::kInf ? half + 1U : half;
    const float middle = f32_of(at) / 2 + Half::widen(static_cast<std::uint16_t>(next)) / 2;
    for (const std::uint32_t nudge : {0xffffffffU, 0U, 1U}) {
      const float beside = f32_of(bits_of(middle) + nudge);
      if (middle != 0 && beside == beside) {
        check(beside);
      }
    }
  }
}

TEST(RoundF16, NarrowsAsTheProcessorDoes) {
  std::int64_t wrong = 0;
  std::int64_t checked = 0;
  const auto check = [&](float x) {
    wrong += narrow<F16, Rounding::rn>(x) != _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT) ? 1 : 0;
    wrong += narrow<F16, Rounding::rz>(x) != _cvtss_sh(x, _MM_FROUND_TO_ZERO) ? 1 : 0;
    wrong += narrow<F16, Rounding::rm>(x) != _cvtss_sh(x, _MM_FROUND_TO_NEG_INF) ? 1 : 0;
    wrong += narrow<F16, Rounding::rp>(x) != _cvtss_sh(x, _MM_FROUND_TO_POS_INF) ? 1 : 0;
    ++checked;
  };
  around_every_half<F16>(check);
  for (std::uint64_t bits = 0; bits <= 0xffffffffU; bits += 997) {
    const float x = f32_of(static_cast<std::uint32_t>(bits));
    if (x == x) {
      check(x);
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(checked, 4'000'000);
}

TEST(RoundBf16, NarrowsToTheNeighboursInEveryMode) {
  std::int64_t wrong = 0;
  const auto check = [&](float x) {
    wrong += narrow<Bf16, Rounding::rn>(x) != encode(Dtype::bf16, static_cast<double>(x)) ? 1 : 0;
    const auto inward = narrow<Bf16, Rounding::rz>(x);
    const float got = std::fabs(Bf16::widen(inward));
    const float size = std::fabs(x);
    const bool exact = got == size;
    // The next value outward; beyond the largest it is Inf, which nothing finite reaches.
    const auto outward = static_cast<std::uint16_t>(inward + (exact ? 0 : 1));
    wrong +=
        got <= size && (exact || Bf16::widen(static_cast<std::uint16_t>(outward & 0x7fffU)) > size)
            ? 0
            : 1;
    wrong += ((inward >> 15) != 0) == std::signbit(x) ? 0 : 1;
    wrong += narrow<Bf16, Rounding::rm>(x) != (std::signbit(x) ? outward : inward) ? 1 : 0;
    wrong += narrow<Bf16, Rounding::rp>(x) != (std::signbit(x) ? inward : outward) ? 1 : 0;
  };
  around_every_half<Bf16>(check);
  for (std::uint64_t bits = 0; bits <= 0xffffffffU; bits += 1499) {
    const float x = f32_of(static_cast<std::uint32_t>(bits));
    if (x == x) {
      check(x);
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(RoundHalf, NarrowsSpecials) {
  for (const std::uint32_t nan : {0x7f800001U, 0x7fffffffU, 0xffc00000U, 0xffffffffU}) {
    EXPECT_EQ((narrow<F16, Rounding::rn>(f32_of(nan))), 0x7fff);
    EXPECT_EQ((narrow<F16, Rounding::rp>(f32_of(nan))), 0x7fff);
    EXPECT_EQ((narrow<Bf16, Rounding::rn>(f32_of(nan))), 0x7fff);
    EXPECT_EQ((narrow<Bf16, Rounding::rz>(f32_of(nan))), 0x7fff);
  }
  EXPECT_EQ((narrow<F16, Rounding::rn>(65519.996F)), 0x7bff);
  EXPECT_EQ((narrow<F16, Rounding::rn>(65520.0F)), 0x7c00);
  EXPECT_EQ((narrow<F16, Rounding::rz>(1e30F)), 0x7bff);
  EXPECT_EQ((narrow<F16, Rounding::rm>(-1e30F)), 0xfc00);
  EXPECT_EQ((narrow<Bf16, Rounding::rn>(0x1.fffffep127F)), 0x7f80);
  EXPECT_EQ((narrow<Bf16, Rounding::rz>(-0x1.fffffep127F)), 0xff7f);
}

template <class Half>
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  /// Exponents close enough together that 113 bits hold every a * b + c.
  std::uint16_t half() {
    const auto word = static_cast<std::uint32_t>(random_bits(seed_, 0, next_++));
    if (kDtype<Half> == Dtype::f16) {
      return static_cast<std::uint16_t>((word & 0x7fffU) < Half::kInf ? word & 0xffffU
                                                                      : word & 0x83ffU);
    }
    const std::uint32_t field = low_ + (word >> 16) % 20U;
    return static_cast<std::uint16_t>((word & 0x807fU) | (field << 7));
  }
  void window(std::uint32_t low) { low_ = low; }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
  std::uint32_t low_ = 118;
};

template <class Half>
__float128 exact(std::uint16_t half) {
  return static_cast<__float128>(decode(kDtype<Half>, half));
}

TYPED_TEST(RoundHalf, RoundsArithmeticOnce) {
  Draw<TypeParam> draw(5);
  std::int64_t wrong = 0;
  std::int64_t double_rounding = 0;
  for (int i = 0; i < 400'000; ++i) {
    draw.window(i % 4 == 1 ? 54 : 118);  // products of bf16 about the smallest normal
    const std::uint16_t a = draw.half();
    const std::uint16_t b = draw.half();
    draw.window(i % 4 == 1 ? 0 : i % 4 == 2 ? 90 : 118);
    const std::uint16_t c = draw.half();
    const __float128 product = exact<TypeParam>(a) * exact<TypeParam>(b);
    const auto check = [&](__float128 value, std::uint16_t got) {
      if (value != 0) {
        wrong += got != nearest<TypeParam>(value, got) ? 1 : 0;
      } else {
        wrong += (got & 0x7fff) != 0 ? 1 : 0;
      }
    };
    check(product, mul_half<TypeParam>(a, b));
    check(exact<TypeParam>(a) + exact<TypeParam>(c), add_half<TypeParam>(a, c));
    const std::uint16_t fused = fma_half<TypeParam>(a, b, c);
    check(product + exact<TypeParam>(c), fused);
    const float twice = std::fma(TypeParam::widen(a), TypeParam::widen(b), TypeParam::widen(c));
    double_rounding += narrow<TypeParam, Rounding::rn>(twice) != fused ? 1 : 0;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(double_rounding, 0) << "the data never needed the single rounding";
}

// fma(15/8, 19/16, 2^-40) = 286/128; rounding to f32 first gives 284/128.
TEST(RoundHalf, AvoidsTheDoubleRoundingOfBf16Fma) {
  const std::uint16_t got = fma_half<Bf16>(0x3ff0, 0x3f98, 0x2b80);
  EXPECT_EQ(Bf16::widen(got), 286.0F / 128.0F);
}

TEST(RoundHalf, FlushesAndKeepsSubnormals) {
  EXPECT_EQ((mul_half<F16>(0x0001, 0x3c00)), 0x0001);
  EXPECT_EQ((mul_half<F16, true>(0x8001, 0x3c00)), 0x8000);
  EXPECT_EQ((fma_half<F16, true>(0x0400, 0x3800, 0x0000)), 0x0000);  // 2^-14 * 1/2
  EXPECT_EQ((fma_half<F16>(0x0400, 0x3800, 0x0000)), 0x0200);
  EXPECT_EQ((add_half<F16, true>(0x8600, 0x0400)), 0x8000);
  // Below the smallest normal, but rounding up to it: 2^-14 * (1 - 2^-11), tied to even.
  EXPECT_EQ((fma_half<F16>(0x0400, 0x3c00, 0x0000)), 0x0400);
  EXPECT_EQ((mul_half<F16>(0x0401, 0x3bff)), 0x0400);
  EXPECT_EQ((mul_half<F16, true>(0x07ff, 0x3800)), 0x0000);
  EXPECT_EQ((mul_half<F16>(0x07ff, 0x3800)), 0x0400);
  EXPECT_EQ(flush_half<Bf16>(0x807f), 0x8000);
  EXPECT_EQ(flush_half<Bf16>(0x0080), 0x0080);
}

TEST(RoundHalf, GivesSpecialsAndOneNan) {
  EXPECT_EQ(add_half<F16>(0x7c00, 0xfc00), 0x7fff);
  EXPECT_EQ(mul_half<F16>(0x0000, 0x7c00), 0x7fff);
  EXPECT_EQ(mul_half<Bf16>(0x7f00, 0x7f00), 0x7f80);
  EXPECT_EQ(fma_half<Bf16>(0x7f80, 0xbf80, 0x7f80), 0x7fff);
  EXPECT_EQ(add_half<Bf16>(0xffc1, 0x3f80), 0x7fff);
  EXPECT_EQ(add_half<F16>(0x3c00, 0xbc00), 0x0000);
  EXPECT_EQ(add_half<F16>(0x8000, 0x8000), 0x8000);
  EXPECT_EQ(min_half<F16>(0x0000, 0x8000), 0x8000);
  EXPECT_EQ(max_half<F16>(0x8000, 0x0000), 0x0000);
  EXPECT_EQ(min_half<Bf16>(0xffc1, 0x3f80), 0x3f80);
  EXPECT_EQ((min_half<Bf16, true>(0xffc1, 0x3f80)), 0x7fff);
  EXPECT_EQ((max_half<F16, false, true>(0x0001, 0xbc00)), 0x0000);
  EXPECT_EQ(max_half<F16>(0x7e01, 0xfe00), 0x7fff);
  EXPECT_EQ(max_half<F16>(0x0001, 0x8001), 0x0001);
}

}  // namespace
}  // namespace attest::ptx
