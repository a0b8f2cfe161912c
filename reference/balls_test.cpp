// Products and magnitudes of balls against numbers worked out on paper.
// SPDX-License-Identifier: Apache-2.0
#include "reference/balls.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

TEST(Balls, AHostTensorLiesWhereItsLayoutSays) {
  Gemm g{.heads = 2, .m = 2, .k = 2};
  g.a = {Layout::bshd, 1};  // rows of [head 0: 2][head 1: 2][gap: 1]
  HostTensor tensor = poisoned_tensor(buffer_layout(g, OperationBuffer::a));
  for (std::int64_t h = 0; h < 2; ++h)
    for (std::int64_t i = 0; i < 2; ++i)
      for (std::int64_t j = 0; j < 2; ++j)
        tensor.set_bits(0, h, i, j, encode(Dtype::f16, static_cast<double>(4 * h + 2 * i + j)));
  const Balls balls = exact_balls(tensor);
  EXPECT_EQ(balls.value.size(), 9U);
  EXPECT_TRUE(std::isnan(balls.value[4]));
  Matrix want(2, 2);
  want << 4, 5, 6, 7;
  EXPECT_EQ(values(balls, 0, 1), want);
  EXPECT_EQ(radii(balls, 0, 1).size(), 0);
}

TEST(Balls, SubnormalsCountAsTheSmallestNormal) {
  Matrix m(1, 4);
  m << 0, -3, 0x1p-24, -0x1p-14;
  Matrix want(1, 4);
  want << 0, 3, 0x1p-14, 0x1p-14;
  EXPECT_EQ(aligned_magnitudes(m, Dtype::f16), want);
  want << 0, 3, 0x1p-24, 0x1p-14;
  EXPECT_EQ(aligned_magnitudes(m, Dtype::f32), want);
}

// Integers: the product is exact whatever the order, for sizes on both sides of Eigen's own limits.
TEST(Balls, ProductOfIntegersIsExact) {
  for (const Eigen::Index n : {1, 3, 17, 130}) {
    Matrix a(n, n + 1);
    Matrix b(n + 1, 5);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index p = 0; p <= n; ++p)
        a(i, p) = static_cast<double>((7 * i + 3 * p) % 11 - 5);
    for (Eigen::Index p = 0; p <= n; ++p)
      for (Eigen::Index j = 0; j < 5; ++j)
        b(p, j) = static_cast<double>((5 * p + 2 * j) % 13 - 6);
    const Matrix c = product(a, b);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j < 5; ++j) {
        double sum = 0;
        for (Eigen::Index p = 0; p <= n; ++p)
          sum += a(i, p) * b(p, j);
        EXPECT_EQ(c(i, j), sum);
      }
    }
  }
}

TEST(Growth, IsAboveExpMinusOneByAPercentAtMost) {
  EXPECT_EQ(growth(0), 0);
  for (double x = 0x1p-40; x < 1; x *= 1.7) {
    EXPECT_GE(growth(x), std::expm1(x) * (1 - 0x1p-50)) << x;
    EXPECT_LE(growth(x), 1.01 * std::expm1(x)) << x;
  }
  EXPECT_GE(growth(100), std::exp(100.0));
  EXPECT_TRUE(std::isinf(growth(710)));
  EXPECT_TRUE(std::isinf(growth(std::nan(""))));
}

}  // namespace
}  // namespace attest
