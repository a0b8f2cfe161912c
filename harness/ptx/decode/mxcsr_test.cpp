// Results do not depend on the floating-point state of the calling thread, which is left as it was.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/rows.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <immintrin.h>

namespace attest::ptx {
namespace {

constexpr unsigned kFlushAndUp = 0x1f80 | 0x8000 | 0x0040 | 0x4000;  // FTZ, DAZ, toward +Inf

TEST(Mxcsr, OfTheCallerDoesNotReachAKernel) {
  const unsigned found = _mm_getcsr();
  _mm_setcsr(kFlushAndUp);
  // 2^-126 / 2 is subnormal, and 2^-149 * 1 has a subnormal operand; 1 + 2^-24 is a tie to even.
  const auto quotient =
      run_rows({"div.rn.f32 %x32, %a32, %b32;", 32, {{0x00800000}, {0x40000000}}});
  const auto product = run_rows({"mul.f32 %x32, %a32, %b32;", 32, {{1}, {0x3f800000}}});
  const auto sum = run_rows({"add.f32 %x32, %a32, %b32;", 32, {{0x3f800000}, {0x33800000}}});
  EXPECT_EQ(_mm_getcsr() & kFlushAndUp, kFlushAndUp);
  _mm_setcsr(found);
  ASSERT_TRUE(quotient.has_value() && product.has_value() && sum.has_value());
  EXPECT_EQ(quotient->front(), 0x00400000U);
  EXPECT_EQ(product->front(), 1U);
  EXPECT_EQ(sum->front(), 0x3f800000U);
}

}  // namespace
}  // namespace attest::ptx
