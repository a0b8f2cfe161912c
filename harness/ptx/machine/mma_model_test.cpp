// The tensor-core specification by hand: truncation per architecture, specials, signs of zero.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_model.h"

#include "harness/ptx/machine/round_half.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace attest::ptx {
namespace {

constexpr std::uint32_t kNan = 0x7fffffffU;
constexpr std::uint32_t kInf = 0x7f800000U;
constexpr std::uint32_t kMinus = 0x80000000U;

std::uint32_t bits(float value) {
  return std::bit_cast<std::uint32_t>(value);
}

/// One block or less of f16 bits with c.
std::uint32_t dot(int sm,
                  const std::vector<std::uint16_t>& a,
                  const std::vector<std::uint16_t>& b,
                  std::uint32_t c,
                  MmaFormat format = MmaFormat::f16) {
  return mma_dot_exact(format, *mma_model(sm), a.data(), b.data(), static_cast<int>(a.size()), c);
}

TEST(MmaModel, KnowsTheArchitectures) {
  for (const int sm : {70, 75, 80, 86, 89, 90, 100, 120}) {
    EXPECT_NE(mma_model(sm), nullptr) << sm;
  }
  EXPECT_EQ(mma_model(60), nullptr);
  EXPECT_EQ(mma_model(0), nullptr);
  EXPECT_EQ(mma_model(70)->block, 4);
  EXPECT_EQ(mma_model(86)->fraction_bits, 24);
  EXPECT_EQ(mma_model(120)->zero_exponent, -133);
}

// What PTX ISA 9.0, 9.7.14.5.14 has on no such GPU has no datapath either.
TEST(MmaModel, HasWhatTheArchitectureHas) {
  const auto has = [](int sm, MmaFormat input, MmaFormat accumulator = MmaFormat::f32) {
    return mma_model(sm, input, accumulator) != nullptr;
  };
  for (const int sm : {70, 75}) {
    EXPECT_TRUE(has(sm, MmaFormat::f16) && has(sm, MmaFormat::f16, MmaFormat::f16)) << sm;
    EXPECT_FALSE(has(sm, MmaFormat::bf16) || has(sm, MmaFormat::tf32)) << sm;
  }
  for (const int sm : {80, 86}) {
    EXPECT_TRUE(has(sm, MmaFormat::bf16) && has(sm, MmaFormat::tf32)) << sm;
    EXPECT_FALSE(has(sm, MmaFormat::e4m3)) << sm;
  }
  for (const int sm : {89, 90, 100, 120}) {
    EXPECT_TRUE(has(sm, MmaFormat::e4m3) && has(sm, MmaFormat::e5m2, MmaFormat::f16)) << sm;
    EXPECT_EQ(has(sm, MmaFormat::e2m1), sm == 120) << sm;
    EXPECT_EQ(mma_model(sm, MmaFormat::e4m3)->is_emulated, sm == 90 || sm == 100) << sm;
  }
  EXPECT_FALSE(has(80, MmaFormat::bf16, MmaFormat::f16));
  EXPECT_FALSE(has(90, MmaFormat::int8));
  EXPECT_EQ(mma_model(80, MmaFormat::f16, MmaFormat::f32, MmaUnit::wgmma), nullptr);
}

/// One block or less of any format.
std::uint32_t dot(const MmaModel& model,
                  MmaFactors factors,
                  const std::vector<std::uint32_t>& a,
                  const std::vector<std::uint32_t>& b,
                  std::uint32_t c) {
  return mma_dot_exact(factors, model, a.data(), b.data(), static_cast<int>(a.size()), c);
}

// Xie et al., arXiv 2511.10909, equation 10 and table 8; exact sum -0.875.
TEST(MmaModel, GivesTheHandVector) {
  const std::vector<std::uint16_t> a = {0xf000, 0xb800, 0xb400, 0xb000};  // -2^13 -1/2 -1/4 -1/8
  const std::vector<std::uint16_t> b = {0x6400, 0x3c00, 0x3c00, 0x3c00};  // 2^10 1 1 1
  const std::uint32_t c = bits(8388608.0F);                               // 2^23
  EXPECT_EQ(dot(70, a, b, c), bits(0.0F));
  for (const int sm : {75, 80, 86, 89}) {
    EXPECT_EQ(dot(sm, a, b, c), bits(-0.5F)) << sm;
  }
  for (const int sm : {90, 100, 120}) {
    EXPECT_EQ(dot(sm, a, b, c), bits(-0.75F)) << sm;
  }
  const std::vector<std::uint16_t> a_bf16 = {0xc600, 0xbf00, 0xbe80, 0xbe00};
  const std::vector<std::uint16_t> b_bf16 = {0x4480, 0x3f80, 0x3f80, 0x3f80};
  const std::vector<std::uint32_t> a_tf32 = {0xc6000000, 0xbf000000, 0xbe800000, 0xbe000000};
  const std::vector<std::uint32_t> b_tf32 = {0x44800000, 0x3f800000, 0x3f800000, 0x3f800000};
  for (const int sm : {80, 86, 89, 90, 100, 120}) {
    const std::uint32_t want = bits(sm < 90 ? -0.5F : -0.75F);
    EXPECT_EQ(dot(sm, a_bf16, b_bf16, c, MmaFormat::bf16), want) << sm;
    EXPECT_EQ(
        dot(*mma_model(sm, MmaFormat::tf32), {MmaFormat::tf32, MmaFormat::tf32}, a_tf32, b_tf32, c),
        want)
        << sm;
  }
  // e5m2 has 2^13 and 2^10 too.
  const std::vector<std::uint32_t> a_e5m2 = {0xf0, 0xb8, 0xb4, 0xb0};
  const std::vector<std::uint32_t> b_e5m2 = {0x64, 0x3c, 0x3c, 0x3c};
  const MmaFactors e5m2 = {MmaFormat::e5m2, MmaFormat::e5m2};
  const auto of_e5m2 = [&](int sm, MmaUnit unit) {
    return dot(*mma_model(sm, MmaFormat::e5m2, MmaFormat::f32, unit), e5m2, a_e5m2, b_e5m2, c);
  };
  EXPECT_EQ(of_e5m2(89, MmaUnit::mma), bits(0.0F));
  EXPECT_EQ(of_e5m2(90, MmaUnit::wgmma), bits(0.0F));
  EXPECT_EQ(of_e5m2(120, MmaUnit::mma), bits(-0.75F));
}

// Emulated: first k = 0 and 1 from zero, then k = 2 and 3 on top, then c. An f32 of 2^23 has no
// bit for the halves, so that each of the two sums toward zero is -2^23.
TEST(MmaModel, EmulatesFp8InThreeSteps) {
  const MmaFactors factors = {MmaFormat::e5m2, MmaFormat::e5m2};
  const std::vector<std::uint32_t> a = {0xf0, 0xb8, 0xb4, 0xb0};
  const std::vector<std::uint32_t> b = {0x64, 0x3c, 0x3c, 0x3c};
  for (const int sm : {90, 100}) {
    EXPECT_EQ(dot(*mma_model(sm, MmaFormat::e5m2), factors, a, b, bits(8388608.0F)), bits(0.0F));
  }
  // The last addition is to nearest: 2^24 + (1 + 2) is 2^24 + 4, toward zero it would be + 2.
  const std::vector<std::uint32_t> x = {0x3c, 0x40, 0, 0};
  const std::vector<std::uint32_t> one = {0x3c, 0x3c, 0x3c, 0x3c};
  EXPECT_EQ(dot(*mma_model(90, MmaFormat::e5m2), factors, x, one, bits(16777216.0F)),
            bits(16777220.0F));
  // f16 keeps 11 bits: 2048 + 1 = 2048 to even, then 2 - 1 more = 2049, which is even again, 2048.
  const std::vector<std::uint32_t> y = {0x68, 0x3c, 0x40, 0xbc};
  EXPECT_EQ(dot(*mma_model(90, MmaFormat::e5m2, MmaFormat::f16), factors, y, one, 0), 0x6800U);
}

TEST(MmaModel, RoundsF16SumsToNearestEven) {
  const MmaFactors factors = {MmaFormat::f16, MmaFormat::f16};
  const std::vector<std::uint32_t> one = {0x3c00, 0x3c00};
  for (const int sm : {70, 75, 80, 86, 89, 90, 100, 120}) {
    const MmaModel& model = *mma_model(sm, MmaFormat::f16, MmaFormat::f16);
    EXPECT_EQ(dot(model, factors, {0x3c00, 0}, one, 0x6800), 0x6800U) << sm;       // 2049
    EXPECT_EQ(dot(model, factors, {0x3c00, 0x4000}, one, 0x6800), 0x6802U) << sm;  // 2051
    EXPECT_EQ(dot(model, factors, {0x7bff, 0x4c00}, one, 0), 0x7c00U) << sm;       // 65504 + 16
    EXPECT_EQ(dot(model, factors, {0x7bff, 0x4b80}, one, 0), 0x7bffU) << sm;       // + 15
    EXPECT_EQ(dot(model, factors, {0x0001, 0}, {0x3a00, 0}, 0), 0x0001U) << sm;  // 3/4 of the least
    EXPECT_EQ(dot(model, factors, {0x8001, 0}, {0x3800, 0}, 0), 0x8000U) << sm;  // half of it
    EXPECT_EQ(dot(model, factors, {0x7c00, 0}, one, 0xfc00), 0x7fffU) << sm;
    EXPECT_EQ(dot(model, factors, {0xfc00, 0}, one, 0x3c00), 0xfc00U) << sm;
    EXPECT_EQ(dot(model, factors, {0x8000, 0x8000}, one, 0x8000), 0x8000U) << sm;
  }
}

TEST(MmaModel, KeepsThirteenFractionBitsOfFp8) {
  const MmaFactors factors = {MmaFormat::e4m3, MmaFormat::e4m3};
  const MmaModel& ada = *mma_model(89, MmaFormat::e4m3);
  // 256 + 2^-5 and 256 + 2^-6: the last bit kept is 2^(8 - 13).
  EXPECT_EQ(dot(ada, factors, {0x58, 0x10}, {0x58, 0x38}, 0), bits(256.03125F));
  EXPECT_EQ(dot(ada, factors, {0x58, 0x08}, {0x58, 0x38}, 0), bits(256.0F));
  EXPECT_EQ(dot(*mma_model(120, MmaFormat::e4m3), factors, {0x58, 0x08}, {0x58, 0x38}, 0),
            bits(256.015625F));
  // The NaN of e4m3, and its largest value, 448.
  EXPECT_EQ(dot(ada, factors, {0xff}, {0x38}, 0), kNan);
  EXPECT_EQ(dot(ada, factors, {0x7e}, {0x38}, 0), bits(448.0F));
  // Formats in bytes with unused bits: 28 (e3m2), 7.5 (e2m3), 6 (e2m1).
  const MmaModel& rtx = *mma_model(120, MmaFormat::e2m1);
  EXPECT_EQ(dot(rtx, {MmaFormat::e3m2, MmaFormat::e2m3}, {0xdf}, {0xdf}, 0), bits(28.0F * 7.5F));
  EXPECT_EQ(dot(rtx, {MmaFormat::e2m1, MmaFormat::e2m1}, {0xdf}, {0x3f}, 0), bits(-36.0F));
  EXPECT_EQ(dot(rtx, {MmaFormat::e2m1, MmaFormat::e2m1}, {0x04}, {0x10}, 0), bits(1.0F));
}

TEST(MmaModel, WidensFp8Exactly) {
  for (std::uint32_t x = 0; x < 256; ++x) {
    const std::uint32_t half = mma_f16_of_fp8(MmaFormat::e4m3, x);
    const std::uint32_t size = x & 0x7fU;
    // By its definition: 2^(field - 7) * (1 + low / 8), or low * 2^-9.
    const float low = static_cast<float>(x & 7U) / 8.0F;
    const float value = size >> 3 != 0 ? std::ldexp(1.0F + low, static_cast<int>(size >> 3) - 7)
                                       : std::ldexp(low, -6);
    if (size == 0x7f) {
      EXPECT_EQ(half, 0x7fffU);
    } else {
      EXPECT_EQ(F16::widen(static_cast<std::uint16_t>(half)), (x & 0x80U) != 0 ? -value : value)
          << x;
      EXPECT_EQ(half >> 15, x >> 7) << x;
    }
    EXPECT_EQ(mma_f16_of_fp8(MmaFormat::e5m2, x), x << 8);
  }
}

// 2^24 + 1 is not an f32: a second block loses the one that the first block would have kept.
TEST(MmaModel, ChainsBlocksInAscendingK) {
  std::vector<std::uint16_t> a(16, 0);
  std::vector<std::uint16_t> b(16, 0x3c00);
  a[0] = a[1] = a[8] = 0x3c00;
  const std::uint32_t c = bits(-1.0F);
  EXPECT_EQ(dot(80, a, b, c), bits(2.0F));
  a[0] = 0x7800;  // 2^15 * 2^9 = 2^24 in block 0
  b[0] = 0x6000;
  a[1] = 0;
  a[8] = 0x3c00;
  a[15] = 0xf800;  // -2^15 * 2^9 in block 1
  b[15] = 0x6000;
  EXPECT_EQ(dot(80, a, b, bits(0.75F)), bits(1.0F));  // 2^24 + .75 truncated to 2^24
  EXPECT_EQ(dot(90, a, b, bits(0.75F)), bits(1.5F));  // one block: .75 truncated to .5
}

TEST(MmaModel, RoundsTheSumTowardZero) {
  // 2^11 * 2^11 * 4 = 2^24, c = 1: the sum 2^24 + 1 does not fit in 24 bits.
  const std::vector<std::uint16_t> a = {0x6800, 0x6800, 0x6800, 0x6800};
  const std::vector<std::uint16_t> minus = {0xe800, 0xe800, 0xe800, 0xe800};
  EXPECT_EQ(dot(80, a, a, bits(1.0F)), bits(16777216.0F));
  EXPECT_EQ(dot(80, minus, a, bits(-1.0F)), bits(-16777216.0F));
  EXPECT_EQ(dot(80, a, a, bits(3.0F)), bits(16777218.0F));  // to nearest even it would be +4
}

TEST(MmaModel, TreatsSpecialsAsHardwareDoes) {
  const std::vector<std::uint16_t> one = {0x3c00, 0x3c00};
  const std::vector<std::uint16_t> inf = {0x7c00, 0x3c00};
  const std::vector<std::uint16_t> minus_inf = {0x3c00, 0xfc00};
  const std::vector<std::uint16_t> nan = {0x7e01, 0x3c00};
  const std::vector<std::uint16_t> zero = {0, 0x3c00};
  const std::vector<std::uint16_t> both = {0x7c00, 0xfc00};
  EXPECT_EQ(dot(80, nan, one, 0), kNan);
  EXPECT_EQ(dot(80, one, nan, 0), kNan);
  EXPECT_EQ(dot(80, one, one, 0xffc00001U), kNan);
  EXPECT_EQ(dot(80, inf, zero, 0), kNan);
  EXPECT_EQ(dot(80, zero, inf, 0), kNan);
  EXPECT_EQ(dot(80, both, one, 0), kNan);
  EXPECT_EQ(dot(80, inf, one, kMinus | kInf), kNan);
  EXPECT_EQ(dot(80, inf, one, 0), kInf);
  EXPECT_EQ(dot(80, minus_inf, one, bits(1.0F)), kMinus | kInf);
  EXPECT_EQ(dot(80, one, one, kInf), kInf);
  // Overflow is Inf although the rounding is toward zero; products beyond f32 may cancel.
  const std::vector<std::uint16_t> huge = {0x7180, 0x7180};  // bf16 2^100
  const std::vector<std::uint16_t> cancels = {0x7180, 0xf180};
  EXPECT_EQ(dot(80, huge, huge, 0, MmaFormat::bf16), kInf);
  const std::vector<std::uint16_t> top = {0x7f00, 0x7f00, 0x7f00};  // 2^127; the sum is 1.5 * 2^128
  EXPECT_EQ(dot(80, top, {0x3f80, 0x3f80, 0x3f80}, 0, MmaFormat::bf16), kInf);
  EXPECT_EQ(dot(80, cancels, huge, bits(1.0F), MmaFormat::bf16), 0U);
  EXPECT_EQ(dot(80, {0x0000, 0x3f80}, {0x7f80, 0x3f80}, 0, MmaFormat::bf16), kNan);
}

TEST(MmaModel, SignsZeroAsItsTermsDo) {
  const std::vector<std::uint16_t> plus = {0, 0};
  const std::vector<std::uint16_t> minus = {0x8000, 0x8000};
  const std::vector<std::uint16_t> mixed = {0x8000, 0};
  const std::vector<std::uint16_t> one = {0x3c00, 0x3c00};
  EXPECT_EQ(dot(80, minus, one, kMinus), kMinus);
  EXPECT_EQ(dot(80, minus, one, 0), 0U);
  EXPECT_EQ(dot(80, mixed, one, kMinus), 0U);
  EXPECT_EQ(dot(80, plus, one, kMinus), 0U);
  EXPECT_EQ(dot(80, {0x3c00, 0xbc00}, one, kMinus), 0U);
}

TEST(MmaModel, KeepsSubnormals) {
  // f16: 2^-24 * 2^-24 = 2^-48; bf16: 2^-133 * 2^-10 = 2^-143, a subnormal f32.
  EXPECT_EQ(dot(80, {0x0001}, {0x0001}, 0), bits(0x1p-48F));
  EXPECT_EQ(dot(80, {0x0001}, {0x3a80}, 0, MmaFormat::bf16), bits(0x1p-143F));
  EXPECT_EQ(dot(80, {0x0000}, {0x3a80}, 0x00000001U, MmaFormat::bf16), 0x00000001U);
  // The exponent of a term is that of its format's smallest normal: 2^-24 counts as 2^-14 * 2^-10,
  // and 2^-39 is cut off at 2^(-14-24).
  EXPECT_EQ(dot(80, {0x0001, 0x0001}, {0x3c00, 0x0200}, 0), bits(0x1p-24F));
}

// A zero term (here c) reads an exponent of its own, below which others are cut off: 2^-150 + 2^-157
// and 2^-150 - 2^-157 make 2^-149, but not in units of 2^(-132-24).
TEST(MmaModel, LetsAZeroTermSetTheUnit) {
  const std::vector<std::uint16_t> a = {0x1a01, 0x19fe};
  const std::vector<std::uint16_t> b = {0x1a00, 0x1a00};
  EXPECT_EQ(dot(80, a, b, 0, MmaFormat::bf16), 0U);
  constexpr MmaModel kWithout = {.block = 8, .fraction_bits = 24, .zero_exponent = -300};
  EXPECT_EQ(mma_dot_exact(MmaFormat::bf16, kWithout, a.data(), b.data(), 2, 0), 1U);
}

}  // namespace
}  // namespace attest::ptx
