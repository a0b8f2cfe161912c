// Rounding of f32 against the processor's own rounding modes, and against exact sums at the edges.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/round.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <immintrin.h>
#include <limits>

namespace attest::ptx {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::bit_cast<float>(0xffc12345U);  // not the canonical one
constexpr float kSubnormal = 0x1p-149F;

enum class Operation { add, mul, fma, div, sqrt };

/// One IEEE operation of the processor in a rounding mode; the asm statements keep it between the
/// two changes of MXCSR.
float processor(Rounding mode, Operation operation, float a, float b, float c) {
  constexpr std::array<unsigned, 4> kControl = {0x0000U, 0x6000U, 0x2000U, 0x4000U};
  __m128 x = _mm_set_ss(a);
  __m128 y = _mm_set_ss(b);
  __m128 z = _mm_set_ss(c);
  const unsigned found = _mm_getcsr();
  _mm_setcsr(0x1f80U | kControl[static_cast<std::size_t>(mode)]);
  asm volatile("" : "+x"(x), "+x"(y), "+x"(z));
  switch (operation) {
    case Operation::add:
      x = _mm_add_ss(x, y);
      break;
    case Operation::mul:
      x = _mm_mul_ss(x, y);
      break;
    case Operation::fma:
      x = _mm_fmadd_ss(x, y, z);
      break;
    case Operation::div:
      x = _mm_div_ss(x, y);
      break;
    case Operation::sqrt:
      x = _mm_sqrt_ss(x);
      break;
  }
  asm volatile("" : "+x"(x));
  _mm_setcsr(found);
  const float result = _mm_cvtss_f32(x);
  return result != result ? f32_of(0x7fffffffU) : result;
}

template <Rounding kMode, bool kFtz>
float ours(Operation operation, float a, float b, float c) {
  switch (operation) {
    case Operation::add:
      return add_f32<kMode, kFtz>(a, b);
    case Operation::mul:
      return mul_f32<kMode, kFtz>(a, b);
    case Operation::fma:
      return fma_f32<kMode, kFtz>(a, b, c);
    case Operation::div:
      return div_f32<kMode, kFtz>(a, b);
    case Operation::sqrt:
      return sqrt_f32<kMode, kFtz>(a);
  }
  return 0;
}

/// Floats where rounding goes wrong: any bits, neighbours of powers of two, few bits, specials.
class Floats {
 public:
  explicit Floats(std::uint64_t seed) : seed_(seed) {}

  std::uint32_t word() { return static_cast<std::uint32_t>(random_bits(seed_, 0, next_++)); }

  float any() {
    constexpr std::array<std::uint32_t, 10> kEdges = {0x00000000U,
                                                      0x00000001U,
                                                      0x007fffffU,
                                                      0x00800000U,
                                                      0x00800001U,
                                                      0x3f800000U,
                                                      0x7f7fffffU,
                                                      0x7f800000U,
                                                      0x7f800001U,
                                                      0x7fffffffU};
    const std::uint32_t bits = word();
    switch (word() % 4) {
      case 0:
        return f32_of(bits);
      case 1:
        return f32_of((bits & 0xff800000U) + (word() % 5U) - 2U);
      case 2:
        return f32_of(bits & 0xfff80000U);
      default:
        return f32_of((bits & 0x80000000U) | kEdges[bits % kEdges.size()]);
    }
  }

  /// Sign and mantissa at random, exponent within `width` above `low`.
  float near(int low, std::uint32_t width) {
    const std::uint32_t field = static_cast<std::uint32_t>(low + 127) + word() % width;
    return f32_of((word() & 0x807fffffU) | (field << 23));
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

constexpr std::array<Operation, 5> kOperations = {
    Operation::add, Operation::mul, Operation::fma, Operation::div, Operation::sqrt};

template <Rounding kMode>
void expect_as_processor() {
  Floats draw(static_cast<std::uint64_t>(kMode));
  for (const Operation operation : kOperations) {
    std::int64_t wrong = 0;
    for (int i = 0; i < 400'000; ++i) {
      float a = draw.any();
      float b = draw.any();
      float c = draw.any();
      if (i % 4 == 1) {  // of like size: sums that cancel, products that meet c
        a = draw.near(-3, 6);
        b = draw.near(-3, 6);
        c = i % 8 == 1 ? -(a * b) : draw.near(-30, 60);
      } else if (i % 4 == 2) {  // results about the smallest normal
        a = draw.near(-70, 8);
        b = operation == Operation::div ? draw.near(60, 8) : draw.near(-70, 10);
        c = f32_of(bits_of(c) & 0x81ffffffU);
      }
      const float want = processor(kMode, operation, a, b, c);
      wrong += bits_of(ours<kMode, false>(operation, a, b, c)) != bits_of(want) ? 1 : 0;
    }
    EXPECT_EQ(wrong, 0) << "operation " << static_cast<int>(operation);
  }
}

TEST(Round, EqualsTheProcessorToNearest) {
  expect_as_processor<Rounding::rn>();
}
TEST(Round, EqualsTheProcessorTowardZero) {
  expect_as_processor<Rounding::rz>();
}
TEST(Round, EqualsTheProcessorDown) {
  expect_as_processor<Rounding::rm>();
}
TEST(Round, EqualsTheProcessorUp) {
  expect_as_processor<Rounding::rp>();
}

/// Flushing, from the exact value: 113 bits hold every sum and product drawn below.
template <Rounding kMode>
void expect_exact_flush() {
  Floats draw(17);
  std::int64_t wrong = 0;
  std::int64_t flushed = 0;
  for (int i = 0; i < 300'000; ++i) {
    const float a = draw.near(-64, 3);
    float b = draw.near(-64, 4);
    if (i % 3 == 0) {  // |a * b| next to 2^-126
      const float near_two = f32_of(bits_of(0x1p-126F / a) + draw.word() % 5U - 2U);
      b = near_two;
    }
    const float c = i % 2 == 0 ? f32_of(draw.word() & 0x81ffffffU) : 0.0F;
    const auto c_used = static_cast<__float128>(flush(c));
    const __float128 product = static_cast<__float128>(a) * static_cast<__float128>(b);
    const __float128 exact = product + c_used;
    const __float128 size = exact < 0 ? -exact : exact;
    const bool tiny = size < static_cast<__float128>(0x1p-126);
    const float plain = processor(kMode, Operation::fma, a, b, flush(c));
    const float want = tiny && exact != 0 ? (exact < 0 ? -0.0F : 0.0F) : plain;
    wrong += bits_of(fma_f32<kMode, true>(a, b, c)) != bits_of(want) ? 1 : 0;
    flushed += tiny && plain != 0 ? 1 : 0;
    if (c == 0) {
      wrong += bits_of(mul_f32<kMode, true>(a, b)) != bits_of(want) ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(flushed, 1000);
}

TEST(Round, FlushesWhatIsTinyBeforeRounding) {
  expect_exact_flush<Rounding::rn>();
  expect_exact_flush<Rounding::rz>();
  expect_exact_flush<Rounding::rm>();
  expect_exact_flush<Rounding::rp>();
  // Rounds up to 2^-126, but is below it: (2^-126) * (1 - 2^-24).
  EXPECT_EQ(mul_f32<Rounding::rn>(0x1p-126F, 0x1.fffffep-1F), 0x1p-126F);
  EXPECT_EQ(bits_of(mul_f32<Rounding::rn, true>(0x1p-126F, 0x1.fffffep-1F)), 0U);
  // Seen on hardware: rcp.rm.ftz(-0x1.000002p126).
  EXPECT_EQ(bits_of(div_f32<Rounding::rm, true>(1.0F, -0x1.000002p126F)), 0x80000000U);
  EXPECT_EQ(div_f32<Rounding::rm>(1.0F, -0x1.000002p126F), -0x1p-126F);
}

TEST(Round, FlushesOperandsAndResults) {
  EXPECT_EQ(bits_of(add_f32<Rounding::rn, true>(-kSubnormal, -0.0F)), 0x80000000U);
  EXPECT_EQ(bits_of(add_f32<Rounding::rn, true>(0x1.8p-126F, -0x1p-126F)), 0U);
  EXPECT_EQ(bits_of(add_f32<Rounding::rn, true>(-0x1.8p-126F, 0x1p-126F)), 0x80000000U);
  EXPECT_EQ(mul_f32<Rounding::rn>(kSubnormal, 0x1p100F), 0x1p-49F);
  EXPECT_EQ(bits_of(mul_f32<Rounding::rn, true>(-kSubnormal, 0x1p100F)), 0x80000000U);
  EXPECT_EQ((div_f32<Rounding::rn, true>(1.0F, -kSubnormal)), -kInf);
  EXPECT_EQ(bits_of(sqrt_f32<Rounding::rn, true>(-kSubnormal)), 0x80000000U);
  EXPECT_EQ(bits_of(flush(kNan)), bits_of(kNan));
  EXPECT_EQ(flush(0x1p-126F), 0x1p-126F);
}

TEST(Round, GivesOneNan) {
  EXPECT_EQ(bits_of(canonical_nan(kNan)), 0x7fffffffU);
  EXPECT_EQ(bits_of(add_f32<Rounding::rn>(kInf, -kInf)), 0x7fffffffU);
  EXPECT_EQ(bits_of(add_f32<Rounding::rp>(kInf, -kInf)), 0x7fffffffU);
  EXPECT_EQ(bits_of(mul_f32<Rounding::rn>(0.0F, kInf)), 0x7fffffffU);
  EXPECT_EQ(bits_of(fma_f32<Rounding::rm>(1.0F, 1.0F, kNan)), 0x7fffffffU);
  EXPECT_EQ(bits_of(relu(kNan)), 0x7fffffffU);
}

TEST(Round, SaturatesToTheUnitInterval) {
  EXPECT_EQ(bits_of(saturate(kNan)), 0U);
  EXPECT_EQ(bits_of(saturate(-0.0F)), 0U);
  EXPECT_EQ(bits_of(saturate(-kInf)), 0U);
  EXPECT_EQ(saturate(kInf), 1.0F);
  EXPECT_EQ(saturate(1.5F), 1.0F);
  EXPECT_EQ(saturate(0.25F), 0.25F);
  EXPECT_EQ(saturate(kSubnormal), kSubnormal);
  EXPECT_EQ(bits_of(relu(-0.0F)), 0U);
  EXPECT_EQ(bits_of(relu(-3.0F)), 0U);
  EXPECT_EQ(relu(3.0F), 3.0F);
}

/// Order of the numbers with -0 below +0, as an integer.
std::int64_t rank(float value) {
  const std::int64_t size = bits_of(value) & 0x7fffffffU;
  return (bits_of(value) >> 31) != 0 ? -1 - size : size;
}

TEST(Round, OrdersZerosAndLosesNanInMinAndMax) {
  const std::array<float, 11> values = {
      -kInf, -2.0F, -kSubnormal, -0.0F, 0.0F, kSubnormal, 0x1p-126F, 1.0F, 2.0F, kInf, kNan};
  for (const float a : values) {
    for (const float b : values) {
      const bool a_nan = a != a;
      const bool b_nan = b != b;
      const std::uint32_t low = bits_of(rank(a) < rank(b) ? a : b);
      const std::uint32_t high = bits_of(rank(a) < rank(b) ? b : a);
      const std::uint32_t survivor = a_nan && b_nan ? 0x7fffffffU : bits_of(a_nan ? b : a);
      const bool any = a_nan || b_nan;
      EXPECT_EQ(bits_of(min_f32(a, b)), any ? survivor : low) << a << " " << b;
      EXPECT_EQ(bits_of(max_f32(a, b)), any ? survivor : high) << a << " " << b;
      EXPECT_EQ(bits_of(min_f32<true>(a, b)), any ? 0x7fffffffU : low) << a << " " << b;
      EXPECT_EQ(bits_of(max_f32<true>(a, b)), any ? 0x7fffffffU : high) << a << " " << b;
    }
  }
  EXPECT_EQ(bits_of(min_f32<false, true>(kSubnormal, 1.0F)), 0U);
  EXPECT_EQ(bits_of(max_f32<false, true>(-kSubnormal, -1.0F)), 0x80000000U);
}

TEST(Round, NarrowsADoubleInEveryMode) {
  constexpr double kBetween = 1.0 + 0x1p-30;
  EXPECT_EQ(to_f32<Rounding::rn>(kBetween), 1.0F);
  EXPECT_EQ(to_f32<Rounding::rz>(kBetween), 1.0F);
  EXPECT_EQ(to_f32<Rounding::rp>(kBetween), 0x1.000002p0F);
  EXPECT_EQ(to_f32<Rounding::rm>(-kBetween), -0x1.000002p0F);
  EXPECT_EQ(to_f32_odd(kBetween), 0x1.000002p0F);
  EXPECT_EQ(to_f32_odd(0x1.000002p0 + 0x1p-30), 0x1.000002p0F);
  EXPECT_EQ(to_f32<Rounding::rz>(0x1p200), 0x1.fffffep127F);
  EXPECT_EQ(to_f32<Rounding::rm>(-0x1p200), -kInf);
  EXPECT_EQ(to_f32<Rounding::rp>(0x1p-300), kSubnormal);
  EXPECT_EQ(bits_of(to_f32<Rounding::rz>(-0x1p-300)), 0x80000000U);
}

}  // namespace
}  // namespace attest::ptx
