// The .approx functions against 64-bit long double, the inputs that are hardest to round, specials.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/approx.h"

#include "harness/ptx/machine/round.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace attest::ptx {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64);

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::bit_cast<float>(0xffc12345U);
constexpr float kSubnormal = 0x1p-140F;

using Lanes = std::array<float, 32>;
using Function = void (*)(const float*, float*, bool, ApproxMode);
using Oracle = long double (*)(long double);

void tanh_ignoring_ftz(const float* in, float* out, bool /*ftz*/, ApproxMode mode) {
  tanh_32(in, out, mode);
}

/// One value, in every lane.
std::uint32_t one(Function function, float x, bool ftz = false) {
  Lanes lanes;
  lanes.fill(x);
  function(lanes.data(), lanes.data(), ftz, ApproxMode::nearest);
  for (const float lane : lanes) {
    EXPECT_EQ(bits_of(lane), bits_of(lanes[0]));
  }
  return bits_of(lanes[0]);
}

/// How many of the bit patterns first, first + step, .. below `last` are not the rounded oracle.
/// The oracle is off by about 2^-63, and no double rounding of it matters: see the hard inputs.
std::int64_t misrounded(
    Function function, Oracle oracle, std::uint64_t first, std::uint64_t last, std::uint64_t step) {
  std::int64_t wrong = 0;
  for (std::uint64_t base = first; base < last; base += 32 * step) {
    Lanes in;
    Lanes out;
    for (std::size_t lane = 0; lane < 32; ++lane) {
      in[lane] = f32_of(static_cast<std::uint32_t>(base + lane * step));
    }
    function(in.data(), out.data(), false, ApproxMode::nearest);
    for (std::size_t lane = 0; lane < 32; ++lane) {
      const auto exact = oracle(static_cast<long double>(in[lane]));
      const std::uint32_t want = bits_of(canonical_nan(static_cast<float>(exact)));
      wrong += bits_of(out[lane]) != want ? 1 : 0;
    }
  }
  return wrong;
}

long double exp2_exact(long double x) {
  return exp2l(x);
}
long double log2_exact(long double x) {
  return log2l(x);
}
long double tanh_exact(long double x) {
  return tanhl(x);
}
long double sqrt_exact(long double x) {
  return sqrtl(x);
}
long double rcp_exact(long double x) {
  return 1.0L / x;
}
long double rsqrt_exact(long double x) {
  return 1.0L / sqrtl(x);
}

struct Row {
  const char* name;
  Function function;
  Oracle oracle;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> dense;  // bit patterns, every 5th is tried
};

TEST(Approx, IsCorrectlyRounded) {
  const std::vector<Row> rows = {
      {"ex2", ex2_32, exp2_exact, {{0x3f800000U, 0x40000000U}, {0xc1000000U, 0xc1400000U}}},
      {"ex2, subnormal results", ex2_32, exp2_exact, {{0xc2fc0000U, 0xc3170000U}}},
      {"lg2", lg2_32, log2_exact, {{0x3f000000U, 0x40000000U}}},
      {"tanh", tanh_ignoring_ftz, tanh_exact, {{0x3e800000U, 0x3f400000U}}},
      {"sqrt", sqrt_32, sqrt_exact, {{0x3f800000U, 0x40800000U}}},
      {"rcp", rcp_32, rcp_exact, {{0x3f800000U, 0x40000000U}, {0x7e000000U, 0x7f800000U}}},
      {"rsqrt", rsqrt_32, rsqrt_exact, {{0x3f800000U, 0x40800000U}}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(misrounded(row.function, row.oracle, 0, 0x100000000U, 8209), 0) << row.name;
    for (const auto& [first, last] : row.dense) {
      EXPECT_EQ(misrounded(row.function, row.oracle, first, last, 5), 0) << row.name;
    }
  }
}

// The inputs whose values are nearest to the middle of two f32: found by trying every f32, their
// results computed in 300-bit arithmetic.
TEST(Approx, RoundsTheHardestInputs) {
  const struct {
    Function function;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;
  } functions[] = {
      {ex2_32,
       {{0xb52d1f9aU, 0x3f7ffff8U},
        {0xbcf3a937U, 0x3f7ac6b1U},
        {0x3b429d37U, 0x3f804385U},
        {0xb8d3d026U, 0x3f7ffb69U},
        {0xbaec2b40U, 0x3f7fae34U},
        {0x3a07857cU, 0x3f800bbeU},
        {0x3c02a9adU, 0x3f80b5a3U},
        {0x36879cf7U, 0x3f800018U},
        {0xbe1f29deU, 0x3f65da56U}}},
      {lg2_32,
       {{0x3ea07ab9U, 0xbfd63da2U},
        {0x40207ab9U, 0x3fa9c25eU},
        {0x002452a4U, 0xc2ffa268U},
        {0x0048a548U, 0xc2fda268U},
        {0x00914a90U, 0xc2fba268U},
        {0x01114a90U, 0xc2f9a268U},
        {0x01914a90U, 0xc2f7a268U},
        {0x02114a90U, 0xc2f5a268U},
        {0x02914a90U, 0xc2f3a268U},
        {0x03114a90U, 0xc2f1a268U}}},
      {rsqrt_32, {{0x403a18e3U, 0x3f16209eU}}},
      {tanh_ignoring_ftz, {{0x3ac37de2U, 0x3ac37dd9U}}},
  };
  for (const auto& [function, rows] : functions) {
    for (const auto& [in, want] : rows) {
      EXPECT_EQ(one(function, f32_of(in)), want) << std::hex << in;
    }
  }
}

TEST(Approx, Ex2IsExactAtIntegersAndMonotonic) {
  for (int n = -149; n < 128; ++n) {
    EXPECT_EQ(one(ex2_32, static_cast<float>(n)), bits_of(std::ldexp(1.0F, n))) << n;
  }
  EXPECT_EQ(one(ex2_32, -150.0F), 0U);  // a tie, to even
  EXPECT_EQ(one(ex2_32, std::nextafter(-150.0F, 0.0F)), 1U);
  EXPECT_EQ(one(ex2_32, -1e30F), 0U);
  EXPECT_EQ(one(ex2_32, 128.0F), bits_of(kInf));
  EXPECT_EQ(one(ex2_32, std::nextafter(128.0F, 0.0F)), 0x7f7fffa7U);
  float before = -kInf;
  Lanes in;
  Lanes out;
  for (std::uint32_t base = 0; base < 1U << 22; base += 32) {  // [-4, 4) in steps of 2^-19
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      in[lane] = static_cast<float>(static_cast<std::int32_t>(base + lane) - (1 << 21)) * 0x1p-19F;
    }
    ex2_32(in.data(), out.data(), false);
    for (const float value : out) {
      ASSERT_GE(value, before);
      before = value;
    }
  }
}

struct Special {
  float in;
  float out;
  float out_ftz;
};

void expect_specials(const char* name, Function function, const std::vector<Special>& rows) {
  for (const auto& [in, out, out_ftz] : rows) {
    EXPECT_EQ(one(function, in, false), bits_of(out)) << name << " " << in;
    EXPECT_EQ(one(function, in, true), bits_of(out_ftz)) << name << ".ftz " << in;
  }
  EXPECT_EQ(one(function, kNan, false), 0x7fffffffU) << name;
  EXPECT_EQ(one(function, kNan, true), 0x7fffffffU) << name;
}

// The tables of PTX ISA 9.0, 9.7.3.
TEST(Approx, HasTheSpecialsOfTheManual) {
  const float nan = f32_of(0x7fffffffU);
  expect_specials("ex2",
                  ex2_32,
                  {{-kInf, 0.0F, 0.0F},
                   {kInf, kInf, kInf},
                   {0.0F, 1.0F, 1.0F},
                   {-0.0F, 1.0F, 1.0F},
                   {-kSubnormal, 1.0F, 1.0F},
                   {-126.0F, 0x1p-126F, 0x1p-126F},
                   {-127.0F, 0x1p-127F, 0.0F},
                   {-149.0F, 0x1p-149F, 0.0F}});
  expect_specials("lg2",
                  lg2_32,
                  {{-kInf, nan, nan},
                   {-1.0F, nan, nan},
                   {-kSubnormal, nan, -kInf},
                   {-0.0F, -kInf, -kInf},
                   {0.0F, -kInf, -kInf},
                   {kSubnormal, -140.0F, -kInf},
                   {1.0F, 0.0F, 0.0F},
                   {8.0F, 3.0F, 3.0F},
                   {0x1p-126F, -126.0F, -126.0F},
                   {kInf, kInf, kInf}});
  expect_specials("rcp",
                  rcp_32,
                  {{-kInf, -0.0F, -0.0F},
                   {kInf, 0.0F, 0.0F},
                   {-0.0F, -kInf, -kInf},
                   {0.0F, kInf, kInf},
                   {-0x1p-127F, -0x1p127F, -kInf},
                   {kSubnormal, kInf, kInf},
                   {-0x1p126F, -0x1p-126F, -0x1p-126F},
                   {-0x1p127F, -0x1p-127F, -0.0F},
                   {0x1p127F, 0x1p-127F, 0.0F}});
  expect_specials("rsqrt",
                  rsqrt_32,
                  {{-kInf, nan, nan},
                   {-1.0F, nan, nan},
                   {-kSubnormal, nan, -kInf},
                   {-0.0F, -kInf, -kInf},
                   {0.0F, kInf, kInf},
                   {kSubnormal, 0x1p70F, kInf},
                   {4.0F, 0.5F, 0.5F},
                   {kInf, 0.0F, 0.0F}});
  expect_specials("sqrt",
                  sqrt_32,
                  {{-kInf, nan, nan},
                   {-1.0F, nan, nan},
                   {-kSubnormal, nan, -0.0F},
                   {-0.0F, -0.0F, -0.0F},
                   {0.0F, 0.0F, 0.0F},
                   {kSubnormal, 0x1p-70F, 0.0F},
                   {9.0F, 3.0F, 3.0F},
                   {kInf, kInf, kInf}});
  expect_specials("tanh",
                  tanh_ignoring_ftz,
                  {{-kInf, -1.0F, -1.0F},
                   {kInf, 1.0F, 1.0F},
                   {-0.0F, -0.0F, -0.0F},
                   {0.0F, 0.0F, 0.0F},
                   {-kSubnormal, -kSubnormal, -kSubnormal},
                   {100.0F, 1.0F, 1.0F}});
}

}  // namespace
}  // namespace attest::ptx
