// sin.approx and cos.approx: reduction by pi / 2 in double, or in 128 bits for large angles.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/approx.h"
#include "harness/ptx/machine/approx_error.h"
#include "harness/ptx/machine/round.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>

namespace attest::ptx {
namespace {

__extension__ using Signed128 = __int128;
__extension__ using Unsigned128 = unsigned __int128;

constexpr std::size_t kLanes = 32;
constexpr double kRounder = 0x1.8p52;  // adding it leaves the nearest integer in the low bits

/// pi / 2 in two doubles, and its inverse.
constexpr double kQuarter = 0x1.921fb54442d18p+0;
constexpr double kQuarterLow = 0x1.1a62633145c07p-54;
constexpr double kPerQuarter = 0x1.45f306dc9c883p-1;
/// 2 / pi from the bit of weight 1 on.
constexpr std::array<std::uint64_t, 4> kPerQuarterBits = {
    0x517cc1b727220a94U, 0xfe13abe8fa9a6ee0U, 0x6db14acc9e21c820U, 0xff28b1d5ef5de2b0U};
/// From here on the lowest bit of an f32 weighs 2 or more, and 53 bits of 2 / pi are too few.
constexpr double kLarge = 0x1p24;

/// An angle is quadrant * pi / 2 + rest, |rest| <= pi / 4; relative error of rest below 2^-51.
struct Angle {
  double rest = 0;
  std::uint64_t quadrant = 0;  // modulo 4
};

inline Angle reduce_small(double x) {
  const double biased = x * kPerQuarter + kRounder;
  const double quarters = biased - kRounder;
  const double head = std::fma(-quarters, kQuarter, x);  // exact: a multiple of 2^-52 below 1
  return {std::fma(-quarters, kQuarterLow, head), std::bit_cast<std::uint64_t>(biased)};
}

/// 128 bits of 2 / pi from the bit of weight 2^-first on.
Unsigned128 window(std::uint32_t first) {
  const std::size_t word = first / 64;
  const std::uint32_t skip = first % 64;
  const auto joined = Unsigned128{kPerQuarterBits[word]} << 64 | kPerQuarterBits[word + 1];
  const std::uint64_t next = word + 2 < kPerQuarterBits.size() ? kPerQuarterBits[word + 2] : 0;
  return skip == 0 ? joined : joined << skip | next >> (64 - skip);
}

/// For finite |x| >= 2^24. The angle is m 2^e with an integer m; the bits of 2 / pi that weigh 4 or
/// more after multiplying with 2^e give whole turns.
/// Source  Payne and Hanek, ACM SIGNUM Newsletter 18 (1983).
Angle reduce_large(float x) {
  const std::uint32_t bits = bits_of(x);
  const std::uint32_t significand = (bits & 0x7fffffU) | 0x800000U;
  const std::uint32_t exponent = (bits >> 23 & 0xffU) - 150U;
  const Unsigned128 turn = window(exponent - 1) * significand;  // 2^128 is a whole turn
  const Unsigned128 nearest = (turn + (Unsigned128{1} << 125)) >> 126 << 126;
  const auto rest =
      static_cast<double>(static_cast<Signed128>(turn - nearest)) * 0x1p-126 * kQuarter;
  const auto quadrant = static_cast<std::uint64_t>(nearest >> 126);
  return bits >> 31 != 0 ? Angle{-rest, 0 - quadrant} : Angle{rest, quadrant};
}

// Taylor series; the first term left out is below 2^-58 of the value.
inline double sin_of_rest(double r) {
  const double z = r * r;
  double sum = 1.0 / 355687428096000;  // 17!
  sum = std::fma(sum, z, -1.0 / 1307674368000);
  sum = std::fma(sum, z, 1.0 / 6227020800);
  sum = std::fma(sum, z, -1.0 / 39916800);
  sum = std::fma(sum, z, 1.0 / 362880);
  sum = std::fma(sum, z, -1.0 / 5040);
  sum = std::fma(sum, z, 1.0 / 120);
  sum = std::fma(sum, z, -1.0 / 6);
  return std::fma(sum * z, r, r);
}
inline double cos_of_rest(double r) {
  const double z = r * r;
  double sum = 1.0 / 20922789888000;  // 16!
  sum = std::fma(sum, z, -1.0 / 87178291200);
  sum = std::fma(sum, z, 1.0 / 479001600);
  sum = std::fma(sum, z, -1.0 / 3628800);
  sum = std::fma(sum, z, 1.0 / 40320);
  sum = std::fma(sum, z, -1.0 / 720);
  sum = std::fma(sum, z, 1.0 / 24);
  sum = std::fma(sum, z, -1.0 / 2);
  return std::fma(sum, z, 1.0);
}

/// sin of the angle plus `first` quarters of a turn.
inline double sin_of(const Angle& angle, std::uint64_t first) {
  const std::uint64_t quadrant = angle.quadrant + first;
  const double sin = sin_of_rest(angle.rest);
  const double cos = cos_of_rest(angle.rest);
  const std::uint64_t size = std::bit_cast<std::uint64_t>((quadrant & 1) != 0 ? cos : sin);
  return std::bit_cast<double>(size ^ (quadrant & 2) << 62);
}

template <bool kFtz, std::uint64_t kFirst>
void sine(const float* in, float* out, ApproxMode mode) {
  const RowMover<std::conditional_t<kFirst == 0, SinF32Error, CosF32Error>, kFtz> mover(in, mode);
  std::array<float, kLanes> x;       // NOLINT(cppcoreguidelines-pro-type-member-init): filled next
  std::array<double, kLanes> found;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  bool is_all_small = true;
  for (std::size_t i = 0; i < kLanes; ++i)
    x[i] = operand<kFtz>(in[i]);
  for (std::size_t i = 0; i < kLanes; ++i)
    found[i] = sin_of(reduce_small(static_cast<double>(x[i])), kFirst);
  for (std::size_t i = 0; i < kLanes; ++i)
    is_all_small &= std::fabs(x[i]) < static_cast<float>(kLarge);
  if (!is_all_small) {
    for (std::size_t i = 0; i < kLanes; ++i) {
      if (std::fabs(x[i]) < static_cast<float>(kLarge)) continue;
      const bool is_finite = x[i] - x[i] == 0;
      found[i] = is_finite ? sin_of(reduce_large(x[i]), kFirst)
                           : std::bit_cast<double>(0x7ff8000000000000U);
    }
  }
  for (std::size_t i = 0; i < kLanes; ++i) {
    // Zeros keep their sign; tiny angles are their own sine, and are flushed already.
    const auto value = static_cast<float>(kFirst == 0 && x[i] == 0 ? double{x[i]} : found[i]);
    out[i] = canonical_nan(kFtz ? flush(value) : value);
  }
  mover.move(found.data(), out);
}

}  // namespace

void sin_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? sine<true, 0>(in, out, mode) : sine<false, 0>(in, out, mode);
}
void cos_32(const float* in, float* out, bool ftz, ApproxMode mode) {
  ftz ? sine<true, 1>(in, out, mode) : sine<false, 1>(in, out, mode);
}

}  // namespace attest::ptx
