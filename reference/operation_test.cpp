// Operations against numbers worked out on paper, their definitions, and inputs moved in their radii.
// SPDX-License-Identifier: Apache-2.0
#include "reference/operation.h"

#include "harness/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

using Real = long double;

Operation parsed(const char* text) {
  Result<Operation> operation = parse_operation(text);
  EXPECT_TRUE(operation.has_value()) << text;
  return *operation;
}

// Packed elements of one matrix.
Balls packed(std::int64_t rows, std::int64_t columns, std::vector<double> value) {
  return {{Dtype::f32, {1, 1, rows, columns}, {rows * columns, rows * columns, columns, 1}, 0},
          std::move(value),
          {}};
}

TEST(ReferenceGemm, OnPaper) {
  // [1 2; 3 4] * [5 6; 7 8] = [19 22; 43 50]
  OperandBalls in;
  in.a = packed(2, 2, {1, 2, 3, 4});
  in.b = packed(2, 2, {5, 6, 7, 8});
  in.bias = packed(1, 2, {100, -200});
  in.mask = {1, 0, 255, 1};
  EXPECT_EQ(reference_operation(parsed("gemm(m=2,n=2,k=2,dtype=f32)"), in).value,
            (std::vector<double>{19, 22, 43, 50}));
  // [1 3; 2 4] * [5 7; 6 8] = [23 31; 34 46]
  EXPECT_EQ(reference_operation(parsed("gemm(m=2,n=2,k=2,ta=1,tb=1,dtype=f32)"), in).value,
            (std::vector<double>{23, 31, 34, 46}));
  const OperationTerms terms = reference_operation(
      parsed("gemm(m=2,n=2,k=2,alpha=-0.5,bias=1,mask=1,fill=-7,dtype=f32)"), in);
  EXPECT_EQ(terms.value, (std::vector<double>{90.5, -7, 78.5, -225}));
  EXPECT_EQ(terms.products, (std::vector<double>{9.5, 0, 21.5, 25}));
  EXPECT_EQ(terms.is_stored, (std::vector<std::uint8_t>{0, 1, 0, 0}));
  EXPECT_TRUE(terms.radius.empty());
}

// (1 +- 0.5)(10 +- 2): at most 1.5 * 12 - 10 = 8 away.
TEST(ReferenceGemm, RadiusOnPaper) {
  OperandBalls in;
  in.a = packed(1, 1, {1});
  in.b = packed(1, 1, {10});
  in.bias = packed(1, 1, {0});
  in.a.radius = {0.5};
  in.b.radius = {2};
  in.bias.radius = {0.25};
  const OperationTerms terms = reference_operation(parsed("gemm(alpha=-2,bias=1,dtype=f32)"), in);
  EXPECT_EQ(terms.value[0], -20);
  EXPECT_EQ(terms.radius[0], 16.25);
  EXPECT_EQ(terms.products[0], 2 * 1.5 * 12);
  in.b.radius.clear();
  EXPECT_EQ(reference_operation(parsed("gemm(alpha=-2,bias=1,dtype=f32)"), in).radius[0], 10.25);
}

TEST(ReferenceGemm, TheMaskIsSharedByHeadsAndFillsWithoutRadius) {
  Operation gemm = parsed("gemm(b=2,h=3,m=4,n=5,k=6,mask=1,fill=-3)");
  OperandBalls in = exact_balls(draw_operands(gemm));
  in.a.radius.assign(in.a.value.size(), 0.1);
  const OperationTerms terms = reference_operation(gemm, in);
  for (std::size_t at = 0; at < terms.value.size(); ++at) {
    const bool is_kept = in.mask[at / 60 * 20 + at % 20] != 0;
    EXPECT_EQ(terms.is_stored[at], is_kept ? 0 : 1);
    EXPECT_EQ(terms.value[at] == -3, !is_kept);
    EXPECT_EQ(terms.radius[at] == 0, !is_kept);
  }
}

// Against the definition, in long double, for every orientation and placement.
TEST(ReferenceGemm, IsTheSumOfProducts) {
  for (const char* text : {"gemm(b=2,h=2,m=7,n=9,k=33,bias=1,alpha=0.3)",
                           "gemm(b=2,h=2,m=7,n=9,k=33,ta=1,la=bshd(5),lb=bshd(3),dtype=bf16)",
                           "gemm(b=2,h=2,m=7,n=9,k=33,tb=1,la=bhsd(2),alpha=-2,dtype=f32)",
                           "gemm(m=70,n=40,k=300,ta=1,tb=1,lb=bhsd(8))"}) {
    SCOPED_TRACE(text);
    const Operation operation = parsed(text);
    const Gemm& g = std::get<Gemm>(operation);
    const Operands in = draw_operands(operation);
    const OperationTerms terms = reference_operation(operation, exact_balls(in));
    std::size_t at = 0;
    for (std::int64_t b = 0; b < g.batch; ++b) {
      for (std::int64_t h = 0; h < g.heads; ++h) {
        for (std::int64_t i = 0; i < g.m; ++i) {
          for (std::int64_t j = 0; j < g.n; ++j, ++at) {
            Real sum = 0;
            Real size = 0;
            for (std::int64_t p = 0; p < g.k; ++p) {
              const Real x = g.transpose_a ? in.a.value(b, h, p, i) : in.a.value(b, h, i, p);
              const Real y = g.transpose_b ? in.b.value(b, h, j, p) : in.b.value(b, h, p, j);
              sum += x * y;
              size += std::fabs(x * y);
            }
            const Real alpha = static_cast<float>(g.alpha);
            Real want = alpha * sum;
            if (g.has_bias) want += in.bias.value(0, 0, 0, j);
            const Real error =
                0x1p-52 * static_cast<Real>(g.k + 2) * (std::fabs(alpha) * size + std::fabs(want));
            ASSERT_LE(std::fabs(want - terms.value[at]), error);
            ASSERT_GE(terms.products[at], (std::fabs(alpha) * size) * (1 - 0x1p-40));
          }
        }
      }
    }
  }
}

TEST(ReferenceSoftmax, OnPaper) {
  OperandBalls in;
  in.a = packed(2, 2, {0, std::log(3.0) / 2, 5, 9});
  in.mask = {1, 1, 0, 0};
  const OperationTerms terms =
      reference_operation(parsed("mask_softmax(m=2,n=2,scale=2,mask=1,fill=-1000,dtype=f32)"), in);
  EXPECT_NEAR(terms.value[0], 0.25, 1e-15);
  EXPECT_NEAR(terms.value[1], 0.75, 1e-15);
  EXPECT_EQ(terms.value[2], 0.5);  // nothing kept: all the same
  EXPECT_EQ(terms.value[3], 0.5);
  EXPECT_EQ(terms.score_size[2], 1000);
  EXPECT_EQ(terms.depth[2], 0);
  EXPECT_NEAR(terms.depth[0], std::log(3.0), 1e-15);
  EXPECT_NEAR(terms.depth_mean[0], std::log(3.0) / 4, 1e-15);
  EXPECT_NEAR(terms.score_size_mean[0], 0.75 * std::log(3.0), 1e-15);
  EXPECT_EQ(terms.score_size_max[1], 1000);
}

TEST(ReferenceSoftmax, AFilledKeyStaysInTheSum) {
  OperandBalls in;
  in.a = packed(1, 2, {-1000, 77});
  in.mask = {1, 0};
  const OperationTerms terms =
      reference_operation(parsed("mask_softmax(n=2,mask=1,dtype=f32)"), in);
  EXPECT_EQ(terms.value, (std::vector<double>{0.5, 0.5}));
}

TEST(ReferenceSoftmax, IsTheDefinition) {
  for (const char* text : {"mask_softmax(b=2,h=2,m=5,n=70,scale=0.3,mask=1)",
                           "mask_softmax(m=5,n=300,data=ramp-up,dtype=bf16)",
                           "mask_softmax(m=3,n=64,scale=-1,data=needle,dtype=f32)"}) {
    const Operation operation = parsed(text);
    const MaskSoftmax& s = std::get<MaskSoftmax>(operation);
    const Operands in = draw_operands(operation);
    const OperationTerms terms = reference_operation(operation, exact_balls(in));
    const auto score = [&](std::int64_t b, std::int64_t h, std::int64_t i, std::int64_t j) -> Real {
      const auto at = static_cast<std::size_t>((b * s.m + i) * s.n + j);
      if (s.has_mask && in.mask[at] == 0) return s.fill;
      return static_cast<Real>(static_cast<float>(s.scale)) * in.a.value(b, h, i, j);
    };
    std::size_t at = 0;
    for (std::int64_t b = 0; b < s.batch; ++b) {
      for (std::int64_t h = 0; h < s.heads; ++h) {
        for (std::int64_t i = 0; i < s.m; ++i) {
          Real total = 0;
          for (std::int64_t j = 0; j < s.n; ++j)
            total += std::exp(score(b, h, i, j));
          for (std::int64_t j = 0; j < s.n; ++j, ++at) {
            const Real want = std::exp(score(b, h, i, j)) / total;
            EXPECT_LE(std::fabs(want - terms.value[at]), 1e-13L * want + 1e-300L) << text;
          }
        }
      }
    }
  }
}

TEST(ReferenceElementwise, OnPaper) {
  OperandBalls in;
  in.a = packed(2, 2, {1, -2, 3, 0});
  in.bias = packed(1, 2, {10, 20});
  in.mask = {0, 1, 2, 0};
  EXPECT_EQ(reference_operation(parsed("bias_split(m=2,n=2,split=2,dtype=f32)"), in).value,
            (std::vector<double>{11, 18, 13, 20}));
  EXPECT_EQ(reference_operation(parsed("elementwise(m=2,n=2,alpha=0.5,dtype=f32)"), in).value,
            (std::vector<double>{0.5, -1, 1.5, 0}));
  EXPECT_EQ(reference_operation(parsed("elementwise(op=equals_zero,m=2,n=2,dtype=f32)"), in).value,
            (std::vector<double>{1, 0, 0, 1}));
  in.a.radius = {0.5, 1, 2, 4};
  const OperationTerms filled =
      reference_operation(parsed("elementwise(op=masked_fill,m=2,n=2,alpha=-9,dtype=f32)"), in);
  EXPECT_EQ(filled.value, (std::vector<double>{1, -9, -9, 0}));
  EXPECT_EQ(filled.radius, (std::vector<double>{0.5, 0, 0, 4}));
  EXPECT_EQ(reference_operation(parsed("elementwise(m=2,n=2,alpha=-2,dtype=f32)"), in).radius,
            (std::vector<double>{1, 2, 4, 8}));
  in.bias.radius = {0.25, 0};
  EXPECT_EQ(reference_operation(parsed("bias_split(m=2,n=2,dtype=f32)"), in).radius,
            (std::vector<double>{0.75, 1, 2.25, 4}));
}

TEST(ReferenceOperation, OperandsOfAnotherShapeAreOurBug) {
  const Operation gemm = parsed("gemm(m=2,n=2,k=2)");
  OperandBalls in = exact_balls(draw_operands(gemm));
  in.b.layout.shape[2] = 3;
  EXPECT_THROW((void)reference_operation(gemm, in), InternalError);
}

// Each input moved to an end of its ball at random; no result may leave its own, and some come near.
void expect_contained(const char* text, double size, double least_reach) {
  SCOPED_TRACE(text);
  const Operation operation = parsed(text);
  OperandBalls in = exact_balls(draw_operands(operation));
  std::uint64_t dice = 0;
  for (Balls* const balls : {&in.a, &in.b, &in.bias}) {
    balls->layout.dtype = Dtype::f32;
    for (std::size_t at = 0; at < balls->value.size(); ++at)
      balls->radius.push_back(size * static_cast<double>(random_bits(1, 2, ++dice) >> 32) *
                              0x1p-32);
  }
  const OperationTerms terms = reference_operation(operation, in);
  double reach = 0;
  for (int trial = 0; trial < 200; ++trial) {
    OperandBalls moved = in;
    for (Balls* const balls : {&moved.a, &moved.b, &moved.bias}) {
      for (std::size_t at = 0; at < balls->value.size(); ++at)
        balls->value[at] +=
            (random_bits(3, 4, ++dice) & 1) != 0 ? balls->radius[at] : -balls->radius[at];
      balls->radius.clear();
    }
    const OperationTerms exact = reference_operation(operation, moved);
    for (std::size_t at = 0; at < terms.value.size(); ++at) {
      const double distance = std::fabs(exact.value[at] - terms.value[at]);
      ASSERT_LE(distance, terms.radius[at] * (1 + 1e-9) + 1e-15) << at;
      if (terms.radius[at] > 0) reach = std::max(reach, distance / terms.radius[at]);
      if (!terms.products.empty()) {
        ASSERT_LE(exact.products[at], terms.products[at] * (1 + 1e-9));
      }
      if (!terms.depth.empty()) {
        ASSERT_LE(exact.depth[at], terms.depth[at] * (1 + 1e-9) + 1e-12);
        ASSERT_LE(exact.score_size[at], terms.score_size[at] * (1 + 1e-9));
      }
    }
    for (std::size_t row = 0; row < terms.depth_mean.size(); ++row) {
      ASSERT_LE(exact.depth_mean[row], terms.depth_mean[row] * (1 + 1e-9));
      ASSERT_LE(exact.score_size_mean[row], terms.score_size_mean[row] * (1 + 1e-9));
    }
  }
  EXPECT_GE(reach, least_reach);
}

TEST(ReferenceOperation, ResultsStayWithinTheirRadius) {
  for (const double size : {1e-6, 0.01, 1.0}) {
    expect_contained("gemm(m=3,n=4,k=5,alpha=-0.7,bias=1,mask=1,dtype=f32)", size, 0.8);
    expect_contained("mask_softmax(m=3,n=4,scale=-0.5,mask=1,fill=0.1,dtype=f32)", size, 0.3);
    expect_contained("mask_softmax(m=3,n=9,scale=3,dtype=f32)", size, 0.15);
    expect_contained("bias_split(m=3,n=4,dtype=f32)", size, 0.9);
    expect_contained("elementwise(m=3,n=4,alpha=-3,dtype=f32)", size, 0.9);
  }
}

}  // namespace
}  // namespace attest
