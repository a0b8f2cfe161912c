// The half forms of ex2 and tanh over all operands, and div over many, in every approx mode.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/rows.h"
#include "harness/ptx/machine/round.h"
#include "harness/ptx/machine/round_half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

using Words = std::vector<std::uint64_t>;

constexpr ApproxMode kMoved[] = {ApproxMode::low, ApproxMode::high, ApproxMode::random};

Words run(const std::string& body, int bits, std::vector<Words> operands, ApproxMode mode) {
  Rows rows{body, bits, std::move(operands)};
  rows.options.approx = mode;
  auto out = run_rows(rows);
  EXPECT_TRUE(out.has_value()) << out.error().to_string();
  return out.has_value() ? *out : Words();
}

Words every_half() {
  Words all(1 << 16);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i;
  return all;
}

struct Count {
  std::int64_t beyond = 0;
  std::int64_t specials = 0;
  std::int64_t below = 0;
  std::int64_t above = 0;
};

/// `error(exact)`: the manual's, absolute. Results that are 0, Inf or NaN stay as they are.
template <class Error>
void look(double exact, double nearest, double got, bool is_same, Error error, Count& count) {
  if (nearest == 0 || !std::isfinite(nearest)) {
    count.specials += is_same ? 0 : 1;
    return;
  }
  count.beyond += is_same || std::fabs(got - exact) <= error(exact) ? 0 : 1;
  count.below += got < nearest ? 1 : 0;
  count.above += got > nearest ? 1 : 0;
}

void expect_used(const Count& count, ApproxMode mode, const std::string& what) {
  EXPECT_EQ(count.beyond, 0) << what;
  EXPECT_EQ(count.specials, 0) << what;
  if (mode == ApproxMode::low) {
    EXPECT_EQ(count.above, 0) << what;
  } else {
    EXPECT_GT(count.above, 1000) << what;
  }
  if (mode == ApproxMode::high) {
    EXPECT_EQ(count.below, 0) << what;
  } else {
    EXPECT_GT(count.below, 1000) << what;
  }
}

template <class Half, class Exact, class Error>
void sweep_half(const std::string& opcode, Exact exact, Error error) {
  const Words in = every_half();
  const std::string body = opcode + " %x16, %a16;";
  const Words nearest = run(body, 16, {in}, ApproxMode::nearest);
  for (const ApproxMode mode : kMoved) {
    const Words got = run(body, 16, {in}, mode);
    ASSERT_EQ(got.size(), in.size());
    Count count;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const auto value = [](std::uint64_t bits) {
        return static_cast<double>(Half::widen(static_cast<std::uint16_t>(bits)));
      };
      look(exact(value(in[i])),
           value(nearest[i]),
           value(got[i]),
           got[i] == nearest[i],
           error,
           count);
    }
    expect_used(count, mode, opcode + " mode " + std::to_string(static_cast<int>(mode)));
    // Both halves of a packed word are the same function.
    Words packed(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
      packed[i] = i | (0xffff - i) << 16;
    const Words both = run(opcode + "x2 %x32, %a32;", 32, {packed}, mode);
    for (std::size_t i = 0; i < in.size(); ++i)
      ASSERT_EQ(both[i], got[i] | got[0xffff - i] << 16) << opcode << " " << i;
  }
}

TEST(ApproxForms, HalfTypesStayWithinTheirErrors) {
  const auto relative = [](double error) {
    return [error](double exact) { return error * std::fabs(exact); };
  };
  const auto absolute = [](double error) { return [error](double /*exact*/) { return error; }; };
  const auto exp2 = [](double x) { return std::exp2(x); };
  const auto tanh = [](double x) { return std::tanh(x); };
  sweep_half<F16>("ex2.approx.f16", exp2, relative(std::pow(2, -9.9)));
  sweep_half<Bf16>("ex2.approx.ftz.bf16", exp2, relative(0x1p-7));
  sweep_half<F16>("tanh.approx.f16", tanh, absolute(std::pow(2, -10.987)));
  sweep_half<Bf16>("tanh.approx.bf16", tanh, absolute(0x1p-8));
}

TEST(ApproxForms, HalfExponentialsAreAtMostOneBelowZero) {
  for (const char* opcode : {"ex2.approx.f16", "ex2.approx.ftz.bf16"}) {
    for (const ApproxMode mode : kMoved) {
      const Words got = run(std::string(opcode) + " %x16, %a16;", 16, {every_half()}, mode);
      const std::uint64_t one = std::string(opcode).ends_with("bf16") ? 0x3f80 : 0x3c00;
      const std::uint64_t infinity = one == 0x3f80 ? 0x7f80 : 0x7c00;
      EXPECT_EQ(got[0], one);
      EXPECT_EQ(got[0x8000], one);
      for (std::uint64_t i = 0x8000; i <= 0x8000 + infinity; ++i)
        ASSERT_LE(got[i], one) << opcode << " " << i;
    }
  }
}

/// Operands of all sizes, from a multiplicative sequence.
Words spread(std::uint64_t factor, std::size_t count) {
  Words out(count);
  for (std::size_t i = 0; i < count; ++i)
    out[i] = (i + 1) * factor >> 8 & 0xffffffffU;
  return out;
}

double f32_at(std::uint64_t bits) {
  return static_cast<double>(f32_of(static_cast<std::uint32_t>(bits)));
}

TEST(ApproxForms, QuotientsStayWithinTwoUlps) {
  const Words a = spread(0x9e3779b97f4aULL, 1 << 16);
  const Words b = spread(0xc2b2ae3d27d5ULL, 1 << 16);
  const auto two_ulps = [](double exact) {
    return std::ldexp(1.0, std::max(std::ilogb(exact), -126) - 22);
  };
  for (const char* opcode :
       {"div.approx.f32", "div.approx.ftz.f32", "div.full.f32", "div.full.ftz.f32"}) {
    const bool ftz = std::string(opcode).find("ftz") != std::string::npos;
    const std::string body = std::string(opcode) + " %x32, %a32, %b32;";
    const Words nearest = run(body, 32, {a, b}, ApproxMode::nearest);
    for (const ApproxMode mode : kMoved) {
      const Words got = run(body, 32, {a, b}, mode);
      Count count;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double exact = f32_at(a[i]) / f32_at(b[i]);
        look(exact, f32_at(nearest[i]), f32_at(got[i]), got[i] == nearest[i], two_ulps, count);
        if (ftz) {
          EXPECT_FALSE((got[i] & 0x7f800000U) == 0 && (got[i] & 0x7fffffU) != 0) << opcode;
        }
      }
      expect_used(count, mode, body + " mode " + std::to_string(static_cast<int>(mode)));
    }
  }
}

}  // namespace
}  // namespace attest::ptx
