// Inputs of operations and layers: the same element wherever it lies, asymmetric biases, masks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/operation_data.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

Gemm plain_gemm() {
  Gemm g{.batch = 2, .heads = 3, .m = 5, .n = 6, .k = 7};
  g.has_bias = true;
  g.has_mask = true;
  g.seed = 11;
  return g;
}

TEST(DrawOperands, FillsWhatTheOperationHasAndNothingElse) {
  const Operands gemm = draw_operands(plain_gemm());
  EXPECT_EQ(gemm.a.layout.shape, (std::array<std::int64_t, 4>{2, 3, 5, 7}));
  EXPECT_EQ(gemm.b.layout.shape, (std::array<std::int64_t, 4>{2, 3, 7, 6}));
  EXPECT_EQ(gemm.bias.layout.shape, (std::array<std::int64_t, 4>{1, 1, 1, 6}));
  EXPECT_EQ(gemm.mask.size(), 60U);
  const Operands fill =
      draw_operands(Elementwise{ElementwiseKind::equals_zero, 2, 3, 4, 5, 1, Dtype::f16, {}, 1});
  EXPECT_TRUE(fill.a.bytes.empty());
  EXPECT_EQ(fill.mask.size(), 40U);
}

TEST(DrawOperands, AnElementStaysWhenItsTensorLiesOtherwise) {
  Gemm other = plain_gemm();
  other.transpose_a = other.transpose_b = true;
  other.a = {Layout::bshd, 3};
  const Operands one = draw_operands(plain_gemm());
  const Operands two = draw_operands(other);
  for (std::int64_t h = 0; h < 3; ++h) {
    for (std::int64_t p = 0; p < 7; ++p) {
      for (std::int64_t i = 0; i < 5; ++i)
        EXPECT_EQ(one.a.bits(1, h, i, p), two.a.bits(1, h, p, i));
      for (std::int64_t j = 0; j < 6; ++j)
        EXPECT_EQ(one.b.bits(1, h, p, j), two.b.bits(1, h, j, p));
    }
  }
  Gemm small = plain_gemm();
  small.batch = 1;
  small.m = 2;
  EXPECT_EQ(draw_operands(small).a.bits(0, 2, 1, 4), one.a.bits(0, 2, 1, 4));
}

TEST(DrawOperands, ProductsAreAsLargeAsA) {
  Gemm g{.m = 64, .n = 64, .k = 256};
  g.dtype = Dtype::f32;
  g.data.amplitude = 3;
  const Operands in = draw_operands(g);
  double squares = 0;
  for (std::int64_t i = 0; i < 64; ++i) {
    for (std::int64_t j = 0; j < 64; ++j) {
      double sum = 0;
      for (std::int64_t p = 0; p < 256; ++p)
        sum += in.a.value(0, 0, i, p) * in.b.value(0, 0, p, j);
      squares += sum * sum;
    }
  }
  EXPECT_NEAR(std::sqrt(squares / 4096), 3, 0.3);
}

TEST(DrawOperands, OneHotRowsPickOneColumnEach) {
  Gemm g{.m = 50, .n = 2, .k = 9, .transpose_a = true};
  g.data = {DataKind::one_hot};
  const Operands in = draw_operands(g);
  std::array<int, 9> columns{};
  for (std::int64_t i = 0; i < 50; ++i) {
    double sum = 0;
    for (std::int64_t p = 0; p < 9; ++p) {
      sum += in.a.value(0, 0, p, i);
      columns[static_cast<std::size_t>(p)] += in.a.value(0, 0, p, i) == 1 ? 1 : 0;
    }
    EXPECT_EQ(sum, 1);
  }
  for (const int count : columns)
    EXPECT_GT(count, 0);
}

TEST(DrawOperands, BiasesAreNeitherConstantNorTheSameFromBehind) {
  for (const Dtype dtype : kDtypes) {
    for (const DataKind kind : {DataKind::normal, DataKind::integers}) {
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        for (const std::int64_t n : {2, 3, 5, 64, 65, 1536}) {
          const Operands in = draw_operands(BiasSplit{1, n, 1, dtype, {kind, 1}, seed});
          EXPECT_NE(in.bias.bits(0, 0, 0, 0), in.bias.bits(0, 0, 0, n - 1));
          for (std::int64_t j = 0; j < n; ++j) {
            const double value = in.bias.value(0, 0, 0, j);
            EXPECT_LE(std::fabs(value), kind == DataKind::integers ? 3 : 1.07);
            EXPECT_TRUE(kind != DataKind::integers || value == std::trunc(value));
          }
        }
      }
    }
  }
}

TEST(DrawOperands, HalfOfAMaskIsKept) {
  MaskSoftmax s{2, 1, 100, 100, 1, true, -1000, Dtype::f16, {}, 5};
  int kept = 0;
  for (const std::uint8_t byte : draw_operands(s).mask) {
    EXPECT_LE(byte, 1);
    kept += byte;
  }
  EXPECT_NEAR(kept, 10'000, 400);
}

TEST(DrawOperands, ScoresRiseAndFall) {
  MaskSoftmax s{1, 1, 2, 640, 1, false, -1000, Dtype::f32, {DataKind::ramp_up, 1}, 5};
  Operands in = draw_operands(s);
  EXPECT_NEAR(in.a.value(0, 0, 1, 639) - in.a.value(0, 0, 1, 0), 20, 2.5);
  s.data.kind = DataKind::ramp_down;
  in = draw_operands(s);
  EXPECT_NEAR(in.a.value(0, 0, 1, 639) - in.a.value(0, 0, 1, 0), -20, 2.5);
  s.data.kind = DataKind::needle;
  in = draw_operands(s);
  int needles = 0;
  for (std::int64_t j = 0; j < 640; ++j)
    needles += in.a.value(0, 0, 0, j) > 20 ? 1 : 0;
  EXPECT_EQ(needles, 1);
}

using Rows = std::vector<std::string>;

void expect_mask(const char* text, const Rows& want) {
  const Result<LayerProblem> layer = parse_layer(text);
  ASSERT_TRUE(layer) << text;
  const LayerInputs in = draw_layer(*layer);
  std::string got;
  for (const std::uint8_t byte : in.mask)
    got += byte == 1 ? '1' : '0';
  std::string all;
  for (const std::string& row : want)
    all += row;
  EXPECT_EQ(got, all) << text;
}

TEST(DrawLayer, MasksOnPaper) {
  expect_mask("layer(s=3,d=2)", {"111", "111", "111"});
  expect_mask("layer(s=3,d=2,mask=causal-tl)", {"100", "110", "111"});
  // off = 2 - 3
  expect_mask("layer(s=3,d=2,mask=causal-br&padding(2))", {"000", "100", "110"});
  expect_mask("layer(s=4,d=2,mask=window(1,0,tl))", {"1000", "1100", "0110", "0011"});
  expect_mask("layer(s=4,d=2,mask=window(-1,1,tl))", {"1100", "1110", "1111", "1111"});
  expect_mask("layer(b=2,s=2,d=2,mask=padding(1,0))", {"10", "10", "00", "00"});
}

TEST(DrawLayer, BooleanMaskIsAnyHalfOfTheRest) {
  const LayerInputs in = draw_layer(*parse_layer("layer(b=2,s=64,d=2,mask=causal-br&bool)"));
  int kept = 0;
  for (std::size_t at = 0; at < in.mask.size(); ++at) {
    EXPECT_TRUE(at % 64 <= at / 64 % 64 || in.mask[at] == 0);
    kept += in.mask[at];
  }
  EXPECT_NEAR(kept, 2080, 150);
}

TEST(DrawLayer, ShapesAndDeviations) {
  const LayerProblem layer = *parse_layer("layer(b=2,s=40,d=64,h=4,dtype=f32,seed=3)");
  const LayerInputs in = draw_layer(layer);
  const auto deviation = [](const HostTensor& tensor) {
    double squares = 0;
    const auto [b, h, rows, columns] = tensor.layout.shape;
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        squares += tensor.value(b - 1, 0, i, j) * tensor.value(b - 1, 0, i, j);
    return std::sqrt(squares / static_cast<double>(rows * columns));
  };
  EXPECT_NEAR(deviation(in.x), 1, 0.1);
  EXPECT_NEAR(deviation(in.w_qkv), 0.125, 0.01);
  EXPECT_NEAR(deviation(in.w_out), 0.125, 0.01);
  EXPECT_EQ(in.w_qkv.layout.shape, (std::array<std::int64_t, 4>{1, 1, 192, 64}));
  EXPECT_EQ(in.b_qkv.layout.shape, (std::array<std::int64_t, 4>{1, 1, 1, 192}));
  EXPECT_NE(in.w_qkv.bits(0, 0, 0, 0), in.w_out.bits(0, 0, 0, 0));
  EXPECT_NE(in.b_out.bits(0, 0, 0, 1), in.b_qkv.bits(0, 0, 0, 1));
}

}  // namespace
}  // namespace attest
