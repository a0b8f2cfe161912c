// sin and cos against 64-bit long double over all exponents, near multiples of pi / 2, specials.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/approx.h"
#include "harness/ptx/machine/round.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace attest::ptx {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64);

using Lanes = std::array<float, 32>;
using Function = void (*)(const float*, float*, bool, ApproxMode);
using Oracle = long double (*)(long double);

long double sin_exact(long double x) {
  return sinl(x);
}
long double cos_exact(long double x) {
  return cosl(x);
}

std::int64_t misrounded(Function function, Oracle oracle, const Lanes& in) {
  Lanes out;
  function(in.data(), out.data(), false, ApproxMode::nearest);
  std::int64_t wrong = 0;
  for (std::size_t lane = 0; lane < 32; ++lane) {
    const auto exact = static_cast<float>(oracle(static_cast<long double>(in[lane])));
    wrong += bits_of(out[lane]) != bits_of(canonical_nan(exact)) ? 1 : 0;
  }
  return wrong;
}

std::int64_t misrounded(
    Function function, Oracle oracle, std::uint64_t first, std::uint64_t last, std::uint64_t step) {
  std::int64_t wrong = 0;
  for (std::uint64_t base = first; base < last; base += 32 * step) {
    Lanes in;
    for (std::size_t lane = 0; lane < 32; ++lane)
      in[lane] = f32_of(static_cast<std::uint32_t>(base + lane * step));
    wrong += misrounded(function, oracle, in);
  }
  return wrong;
}

TEST(ApproxSinCos, AgreeWithLongDouble) {
  EXPECT_EQ(misrounded(sin_32, sin_exact, 0, 0x100000000U, 8209), 0);
  EXPECT_EQ(misrounded(cos_32, cos_exact, 0, 0x100000000U, 8209), 0);
  EXPECT_EQ(misrounded(sin_32, sin_exact, 0x3f000000U, 0x43a00000U, 97), 0);  // [1/2, 320)
  EXPECT_EQ(misrounded(cos_32, cos_exact, 0x3f000000U, 0x43a00000U, 97), 0);
  EXPECT_EQ(misrounded(sin_32, sin_exact, 0x4b7ff000U, 0x4b801000U, 1), 0);  // about 2^24
}

// The f32 next to n pi / 2: where digits cancel.
TEST(ApproxSinCos, AgreeNextToMultiplesOfAQuarterTurn) {
  constexpr long double kQuarter = 1.57079632679489661923132169163975144L;
  std::int64_t wrong = 0;
  for (std::int64_t n = 1; n < 200'000; n += 32) {
    for (const std::uint32_t nudge : {0xffffffffU, 0U, 1U}) {
      Lanes in;
      for (std::size_t lane = 0; lane < 32; ++lane) {
        const auto quarters = static_cast<long double>(n + static_cast<std::int64_t>(lane));
        in[lane] = f32_of(bits_of(static_cast<float>(quarters * kQuarter)) + nudge);
      }
      wrong += misrounded(sin_32, sin_exact, in) + misrounded(cos_32, cos_exact, in);
    }
  }
  EXPECT_EQ(wrong, 0);
}

std::uint32_t one(Function function, std::uint32_t bits, bool ftz) {
  Lanes lanes;
  lanes.fill(f32_of(bits));
  function(lanes.data(), lanes.data(), ftz, ApproxMode::nearest);
  return bits_of(lanes[31]);
}

// The tables of PTX ISA 9.0, 9.7.3.18 and 9.7.3.19.
TEST(ApproxSinCos, HaveTheSpecialsOfTheManual) {
  for (const bool ftz : {false, true}) {
    for (const std::uint32_t bits : {0x7f800000U, 0xff800000U, 0xffc12345U}) {
      EXPECT_EQ(one(sin_32, bits, ftz), 0x7fffffffU);
      EXPECT_EQ(one(cos_32, bits, ftz), 0x7fffffffU);
    }
    for (const std::uint32_t sign : {0U, 0x80000000U}) {
      EXPECT_EQ(one(sin_32, sign, ftz), sign);
      EXPECT_EQ(one(cos_32, sign, ftz), 0x3f800000U);
      EXPECT_EQ(one(sin_32, sign | 0x7fffffU, ftz), ftz ? sign : sign | 0x7fffffU);
      EXPECT_EQ(one(cos_32, sign | 0x7fffffU, ftz), 0x3f800000U);
    }
  }
}

}  // namespace
}  // namespace attest::ptx
