// Every mode of the .approx functions stays within the documented error, and uses it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/approx.h"
#include "harness/ptx/machine/round.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace attest::ptx {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64);

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr long double kPi = 3.14159265358979323846264338327950288L;
constexpr ApproxMode kMoved[] = {ApproxMode::low, ApproxMode::high, ApproxMode::random};

using Lanes = std::array<float, 32>;
using Function = void (*)(const float*, float*, bool, ApproxMode);

void tanh_ignoring_ftz(const float* in, float* out, bool /*ftz*/, ApproxMode mode) {
  tanh_32(in, out, mode);
}

/// Distance between neighbouring f32 around a value.
long double ulp(long double x) {
  const int exponent = x == 0 ? -126 : std::max(std::ilogb(x), -126);
  return std::ldexp(1.0L, exponent - 23);
}

/// The manual's error of a result, as an absolute distance, from the operand and the exact value.
struct Row {
  const char* name;
  Function function;
  long double (*exact)(long double);
  long double (*error)(long double x, long double exact);
  std::uint32_t first;  // bit patterns
  std::uint32_t last;
};

long double relative(long double exact, long double error) {
  return std::fabs(exact) * error;
}

long double sine_error(long double x, long double /*exact*/) {
  static const long double kNear = powl(2, -20.5L);
  static const long double kFar = powl(2, -14.7L);
  const long double size = std::fabs(x);
  return size <= 2 * kPi ? kNear : size <= 100 * kPi ? kFar : 0;
}

long double rsqrt_error(long double /*x*/, long double exact) {
  static const long double kError = powl(2, -22.9L);
  return relative(exact, kError);
}

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      // 2 ulp from the correctly rounded result: half of one more from the exact value.
      {"ex2",
       ex2_32,
       [](long double x) { return exp2l(x); },
       [](long double, long double e) { return 2 * ulp(static_cast<float>(e)) + ulp(e) / 2; },
       0,
       0xffffffffU},
      {"ex2 of scores",
       ex2_32,
       [](long double x) { return exp2l(x); },
       [](long double, long double e) { return 2 * ulp(static_cast<float>(e)) + ulp(e) / 2; },
       0xbf000000U,
       0xc2000000U},
      {"lg2",
       lg2_32,
       [](long double x) { return log2l(x); },
       [](long double x, long double e) {
         return 0x1p-22L * (x > 0.5L && x < 2 ? 1.0L : std::fabs(e));
       },
       0,
       0x7f7fffffU},
      {"lg2 near 1",
       lg2_32,
       [](long double x) { return log2l(x); },
       [](long double, long double) { return 0x1p-22L; },
       0x3f000001U,
       0x3fffffffU},
      {"rcp",
       rcp_32,
       [](long double x) { return 1 / x; },
       [](long double, long double e) { return ulp(e); },
       0,
       0xffffffffU},
      {"rsqrt", rsqrt_32, [](long double x) { return 1 / sqrtl(x); }, rsqrt_error, 1, 0x7f7fffffU},
      {"sqrt",
       sqrt_32,
       [](long double x) { return sqrtl(x); },
       [](long double, long double e) { return relative(e, 0x1p-23L); },
       1,
       0x7f7fffffU},
      {"tanh",
       tanh_ignoring_ftz,
       [](long double x) { return tanhl(x); },
       [](long double, long double e) { return relative(e, 0x1p-11L); },
       0,
       0xffffffffU},
      {"sin", sin_32, [](long double x) { return sinl(x); }, sine_error, 0, 0x43a00000U},
      {"cos", cos_32, [](long double x) { return cosl(x); }, sine_error, 0x80000000U, 0xc3a00000U},
  };
  return table;
}

/// What a sweep over the operands of a row saw.
struct Seen {
  std::int64_t beyond = 0;  // further from the exact value than the error and half an ulp
  std::int64_t below = 0;   // than the correctly rounded result
  std::int64_t above = 0;
  std::int64_t special = 0;  // specials that are not the correctly rounded mode's
  long double farthest = 0;  // largest distance / error
};

void look(const Row& row, float x, float nearest, float got, Seen& seen) {
  if (nearest == 0 || !std::isfinite(nearest)) {
    seen.special += bits_of(got) != bits_of(nearest) ? 1 : 0;
    return;
  }
  const long double exact = row.exact(static_cast<long double>(x));
  const long double error = row.error(static_cast<long double>(x), exact);
  const long double distance = std::fabs(static_cast<long double>(got) - exact);
  // The correctly rounded result is always allowed.
  const bool is_allowed = distance <= error || bits_of(got) == bits_of(nearest);
  seen.beyond += is_allowed ? 0 : 1;
  seen.below += got < nearest ? 1 : 0;
  seen.above += got > nearest ? 1 : 0;
  if (error > 0) seen.farthest = std::max(seen.farthest, distance / error);
}

Seen sweep(const Row& row, ApproxMode mode, bool ftz) {
  constexpr std::uint64_t kRows = 1 << 16;
  const std::uint64_t step = (std::uint64_t{row.last} - row.first) / kRows + 1;
  Seen seen;
  for (std::uint64_t base = row.first; base < row.last; base += 32 * step) {
    Lanes in;
    Lanes nearest;
    Lanes got;
    for (std::size_t lane = 0; lane < 32; ++lane)
      in[lane] =
          f32_of(static_cast<std::uint32_t>(std::min(base + lane * step, std::uint64_t{row.last})));
    row.function(in.data(), nearest.data(), ftz, ApproxMode::nearest);
    row.function(in.data(), got.data(), ftz, mode);
    for (std::size_t lane = 0; lane < 32; ++lane)
      look(row, ftz ? flush(in[lane]) : in[lane], nearest[lane], got[lane], seen);
  }
  return seen;
}

TEST(ApproxModes, StayWithinTheDocumentedErrorAndUseIt) {
  for (const Row& row : rows()) {
    for (const bool ftz : {false, true}) {
      for (const ApproxMode mode : kMoved) {
        const Seen seen = sweep(row, mode, ftz);
        const auto at = testing::Message()
                        << row.name << (ftz ? ".ftz" : "") << " mode " << static_cast<int>(mode);
        EXPECT_EQ(seen.beyond, 0) << at;
        EXPECT_EQ(seen.special, 0) << at;
        EXPECT_GT(seen.farthest, 0.75L) << at << ": the error is not used";
        if (mode == ApproxMode::low) {
          EXPECT_EQ(seen.above, 0) << at;
        } else {
          EXPECT_GT(seen.above, 1000) << at;
        }
        if (mode == ApproxMode::high) {
          EXPECT_EQ(seen.below, 0) << at;
        } else {
          EXPECT_GT(seen.below, 1000) << at;
        }
      }
    }
  }
}

TEST(ApproxModes, RandomIsAFunctionOfTheOperand) {
  Lanes in;
  for (std::size_t lane = 0; lane < 32; ++lane)
    in[lane] = -0.37F * static_cast<float>(lane + 1);
  Lanes reversed;
  for (std::size_t lane = 0; lane < 32; ++lane)
    reversed[lane] = in[31 - lane];
  Lanes one;
  Lanes two;
  ex2_32(in.data(), one.data(), true, ApproxMode::random);
  ex2_32(reversed.data(), two.data(), true, ApproxMode::random);
  for (std::size_t lane = 0; lane < 32; ++lane)
    EXPECT_EQ(bits_of(one[lane]), bits_of(two[31 - lane]));
}

// The range that a kernel may rely on: weights exp(x - max) are at most 1, and 1 at the maximum.
TEST(ApproxModes, Ex2KeepsOneAndIsAtMostOneBelow) {
  for (const ApproxMode mode : kMoved) {
    for (const bool ftz : {false, true}) {
      const std::array<float, 2> zeros = {0.0F, -0.0F};
      Lanes in{};
      Lanes out;
      in[1] = zeros[1];
      for (std::size_t lane = 2; lane < 32; ++lane)
        in[lane] = -std::ldexp(1.0F, -static_cast<int>(lane));
      ex2_32(in.data(), out.data(), ftz, mode);
      EXPECT_EQ(out[0], 1.0F);
      EXPECT_EQ(out[1], 1.0F);
      for (std::size_t lane = 2; lane < 32; ++lane)
        EXPECT_LE(out[lane], 1.0F) << in[lane];
    }
  }
}

// By hand. 2^0.5 is 0x3fb504f3 correctly rounded; two steps of its last place on each side. 1 / 3
// lies between 0x3eaaaaaa and 0x3eaaaaab, both less than one ulp away.
TEST(ApproxModes, EndsByHand) {
  const auto one = [](Function function, float x, ApproxMode mode) {
    Lanes lanes;
    lanes.fill(x);
    function(lanes.data(), lanes.data(), false, mode);
    return bits_of(lanes[5]);
  };
  EXPECT_EQ(one(ex2_32, 0.5F, ApproxMode::low), 0x3fb504f1U);
  EXPECT_EQ(one(ex2_32, 0.5F, ApproxMode::high), 0x3fb504f5U);
  EXPECT_EQ(one(ex2_32, 3.0F, ApproxMode::low), 0x41000000U - 4U) << "half steps below 8";
  EXPECT_EQ(one(ex2_32, 3.0F, ApproxMode::high), 0x41000002U);
  EXPECT_EQ(one(ex2_32, -149.0F, ApproxMode::low), 0U);
  EXPECT_EQ(one(ex2_32, kInf, ApproxMode::low), bits_of(kInf));
  EXPECT_EQ(one(ex2_32, -kInf, ApproxMode::high), 0U);
  EXPECT_EQ(one(rcp_32, 3.0F, ApproxMode::low), 0x3eaaaaaaU);
  EXPECT_EQ(one(rcp_32, 3.0F, ApproxMode::high), 0x3eaaaaabU);
  EXPECT_EQ(one(rcp_32, -3.0F, ApproxMode::low), 0xbeaaaaabU);
  EXPECT_EQ(one(rcp_32, 0.0F, ApproxMode::low), bits_of(kInf));
  EXPECT_EQ(one(lg2_32, 1.0F, ApproxMode::high), 0U);
  EXPECT_EQ(one(tanh_ignoring_ftz, 0x1p-130F, ApproxMode::high), bits_of(0x1p-130F));
  EXPECT_EQ(one(tanh_ignoring_ftz, 50.0F, ApproxMode::high), bits_of(1.0F));
  EXPECT_EQ(one(cos_32, 0.0F, ApproxMode::low), bits_of(1.0F));
}

}  // namespace
}  // namespace attest::ptx
