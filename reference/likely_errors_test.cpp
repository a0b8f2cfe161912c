// Likely errors against numbers on paper, and against inputs moved at random.
// SPDX-License-Identifier: Apache-2.0
#include "reference/likely_errors.h"

#include "harness/base/rng.h"
#include "harness/problem/data.h"
#include "reference/attention_balls.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace attest {
namespace {

Operation parsed(const char* text) {
  Result<Operation> operation = parse_operation(text);
  EXPECT_TRUE(operation.has_value()) << text;
  return *operation;
}

Balls packed(std::int64_t rows, std::int64_t columns, std::vector<double> value) {
  return {{Dtype::f32, {1, 1, rows, columns}, {rows * columns, rows * columns, columns, 1}, 0},
          std::move(value),
          {}};
}

/// Only one kind of error, of square 1.
RoundingModel only(double RoundingModel::*part) {
  RoundingModel model;
  model.*part = 1;
  return model;
}

RoundingModel only_inner(const DotErrors& dot) {
  RoundingModel model;
  model.inner = dot;
  return model;
}

// c = 2 (3 * 5 + 4 * 6) + 1 = 79.
TEST(LikelyErrors, GemmOnPaper) {
  OperandBalls in;
  in.a = packed(1, 2, {3, 4});
  in.b = packed(2, 1, {5, 6});
  in.bias = packed(1, 1, {1});
  const Operation gemm = parsed("gemm(k=2,alpha=2,bias=1,dtype=f32)");
  const auto square = [&](const RoundingModel& model) {
    const double error = likely_errors(gemm, in, model).all.at(0);
    return error * error;
  };
  EXPECT_EQ(square({}), 0);
  EXPECT_NEAR(square(only_inner({1, 0})), 4 * 39 * 39, 1e-9);
  EXPECT_NEAR(square(only_inner({0, 1})), 4 * (15 * 15 + 24 * 24), 1e-9);
  EXPECT_NEAR(square(only(&RoundingModel::step)), 78 * 78 + 79 * 79, 1e-9);
  EXPECT_NEAR(square(only(&RoundingModel::output)), 79 * 79, 1e-9);
  EXPECT_NEAR(square(only(&RoundingModel::output_tiny)), 1, 1e-9);
  in.a.radius = {1, 0};
  in.b.radius = {0, 2};
  in.bias.radius = {3};
  EXPECT_NEAR(square({}), 4 * (5 * 5 + 16 * 4) + 9, 1e-9);
}

// Both filled places of a row are off alike.
TEST(LikelyErrors, OfAFillThatIsRounded) {
  OperandBalls in;
  in.a = packed(1, 1, {1});
  in.b = packed(1, 3, {1, 1, 1});
  in.mask = {0, 1, 0};
  const double off =
      std::fabs(decode(Dtype::f16, encode(Dtype::f16, -3.3)) - static_cast<double>(-3.3F));
  ASSERT_GT(off, 0);
  const std::vector<double> gemm = likely_errors(parsed("gemm(n=3,mask=1,fill=-3.3)"), in, {}).all;
  EXPECT_DOUBLE_EQ(gemm[0], off * std::sqrt(2));
  EXPECT_EQ(gemm[1], 0);
  EXPECT_EQ(gemm[2], gemm[0]);
  in.a = packed(1, 3, {1, 1, 1});
  in.a.radius = {1, 2, 3};
  const Operation fill = parsed("elementwise(op=masked_fill,n=3,alpha=-3.3)");
  const std::vector<double> filled = likely_errors(fill, in, {}).all;
  EXPECT_DOUBLE_EQ(filled[0], 1);
  EXPECT_DOUBLE_EQ(filled[1], off);
  EXPECT_DOUBLE_EQ(filled[2], 3);
}

// p = 1/6, 1/6, 2/3: two are rounded alike.
TEST(LikelyErrors, OfEqualWeights) {
  OperandBalls in;
  in.a = packed(1, 3, {0, 0, std::log(4)});
  const Operation softmax = parsed("mask_softmax(n=3,dtype=f32)");
  const std::vector<double> error = likely_errors(softmax, in, only(&RoundingModel::output)).all;
  EXPECT_NEAR(error[0], std::sqrt(2) / 6, 1e-12);
  EXPECT_NEAR(error[1], std::sqrt(2) / 6, 1e-12);
  EXPECT_NEAR(error[2], 2.0 / 3, 1e-12);
  const std::vector<double> common = likely_errors(softmax, in, only(&RoundingModel::row_sum)).all;
  EXPECT_NEAR(common[2], 2.0 / 3 / std::sqrt(0.5), 1e-12);
}

/// Each element anywhere within its radius: a second moment of radius^2 / 3.
Balls moved(const Balls& balls, std::uint64_t& dice) {
  Balls out{balls.layout, balls.value, {}};
  for (std::size_t at = 0; at < out.value.size(); ++at) {
    const double uniform = static_cast<double>(random_bits(3, 4, ++dice) >> 11) * 0x1p-52 - 1;
    if (!balls.radius.empty()) out.value[at] += uniform * balls.radius[at];
  }
  return out;
}

void set_radii(Balls& balls, double size, std::uint64_t& dice) {
  for (std::size_t at = 0; at < balls.value.size(); ++at)
    balls.radius.push_back(size * static_cast<double>(random_bits(1, 2, ++dice) >> 11) * 0x1p-53);
}

constexpr int kTrials = 600;

struct Ratios {
  double mean = 0;
  double largest = 0;
};

/// Three times the mean square of what a result moves by, over the square of `error`, element by
/// element.
template <class Evaluate>
Ratios ratios(const std::vector<double>& centre,
              const std::vector<double>& error,
              Evaluate evaluate) {
  std::vector<double> total(centre.size());
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::vector<double> value = evaluate();
    for (std::size_t at = 0; at < total.size(); ++at)
      total[at] += std::pow(value[at] - centre[at], 2);
  }
  Ratios out;
  double count = 0;
  for (std::size_t at = 0; at < total.size(); ++at) {
    if (error[at] == 0) {
      EXPECT_EQ(total[at], 0);
      continue;
    }
    const double ratio = 3 * total[at] / kTrials / (error[at] * error[at]);
    out.mean += ratio;
    out.largest = std::max(out.largest, ratio);
    ++count;
  }
  out.mean /= count;
  return out;
}

TEST(LikelyErrors, AreWhatOperationsMoveBy) {
  for (const char* text : {"gemm(b=2,h=2,m=3,n=4,k=15,alpha=-0.7,bias=1,mask=1,dtype=f32)",
                           "gemm(m=3,n=4,k=15,ta=1,tb=1,split=2,dtype=f32)",
                           "mask_softmax(h=2,m=6,n=24,scale=-0.5,mask=1,fill=0.5,dtype=f32)",
                           "mask_softmax(h=2,m=6,n=3,scale=-2,dtype=f32)",
                           "bias_split(m=6,n=4,split=2,dtype=f32)",
                           "elementwise(m=6,n=4,alpha=-3,dtype=f32)",
                           "elementwise(op=masked_fill,m=6,n=4,alpha=-3,dtype=f32)"}) {
    SCOPED_TRACE(text);
    const Operation operation = parsed(text);
    OperandBalls in = exact_balls(draw_operands(operation));
    std::uint64_t dice = 0;
    set_radii(in.a, 1e-3, dice);
    set_radii(in.b, 1e-3, dice);
    set_radii(in.bias, 1e-3, dice);
    const Ratios ratio =
        ratios(reference_operation(operation, in).value, likely_errors(operation, in, {}).all, [&] {
          const OperandBalls other{
              moved(in.a, dice), moved(in.b, dice), moved(in.bias, dice), in.mask};
          return reference_operation(operation, other).value;
        });
    EXPECT_NEAR(ratio.mean, 1, 0.05);
  }
}

// An error of one q is shared by a row of scores, and of one k by a column: right on average.
TEST(LikelyErrors, AreWhatAttentionMovesBy) {
  Problem problem = *parse_problem("attn(b=2,hq=2,hkv=2,sq=10,skv=24,d=32,dtype=f32,mask=bool)");
  for (const double fill : {0.1, -1000.0}) {
    problem.fill = fill;
    const Inputs in = draw_inputs(problem);
    Balls q = exact_balls(in.q);
    Balls k = exact_balls(in.k);
    Balls v = exact_balls(in.v);
    std::uint64_t dice = 0;
    for (Balls* const balls : {&q, &k, &v})
      set_radii(*balls, 1e-3, dice);
    const Ratios ratio = ratios(
        attention_balls(problem, q, k, v, in.keep).terms.o,
        likely_errors(problem, q, k, v, in.keep, {}).all,
        [&] {
          return attention_balls(problem, moved(q, dice), moved(k, dice), moved(v, dice), in.keep)
              .terms.o;
        });
    EXPECT_NEAR(ratio.mean, 1, 0.15);
  }
}

/// A of a gemm that follows: packed, with the values of the product before it.
Balls rows_of(const Operation& gemm, std::vector<double> value, std::vector<double> radius) {
  return {buffer_layout(gemm, OperationBuffer::a), std::move(value), std::move(radius)};
}

// (A B) W with errors of A alone: those of the columns of A B are the same few.
TEST(LikelyErrors, OfOneRowGoTogetherThroughTheNextProduct) {
  const Operation first = parsed("gemm(m=6,n=24,k=2,dtype=f32)");
  const Operation second = parsed("gemm(m=6,n=40,k=24,alpha=0.5,dtype=f32)");
  OperandBalls in = exact_balls(draw_operands(first));
  OperandBalls next = exact_balls(draw_operands(second));
  std::uint64_t dice = 0;
  set_radii(in.a, 1e-3, dice);
  const auto both = [&](const Balls& a) {
    const std::vector<double> c = reference_operation(first, {a, in.b, {}, {}}).value;
    return reference_operation(second, {rows_of(second, c, {}), next.b, {}, {}}).value;
  };
  const LikelyErrors c = likely_errors(first, in, {});
  const std::vector<double> value = reference_operation(first, in).value;
  next.a = rows_of(second, value, c.apart);
  const std::vector<double> together = likely_errors(second, next, {}, c.shared).all;
  next.a = rows_of(second, value, c.all);
  const std::vector<double> alone = likely_errors(second, next, {}).all;
  const auto evaluate = [&] { return both(moved(in.a, dice)); };
  EXPECT_LT(ratios(both(in.a), together, evaluate).largest, 1.3);
  EXPECT_GT(ratios(both(in.a), alone, evaluate).largest, 2);
}

// The same after attention, in batches and heads.
TEST(LikelyErrors, OfScoresGoTogetherThroughTheNextProduct) {
  Problem problem = *parse_problem("attn(b=2,hq=2,hkv=2,sq=5,skv=2,d=16,layout=bshd,dtype=f32)");
  const Operation second = parsed("gemm(m=10,n=20,k=32,dtype=f32)");
  const Inputs drawn = draw_inputs(problem);
  Balls q = exact_balls(drawn.q);
  const Balls k = exact_balls(drawn.k);
  const Balls v = exact_balls(drawn.v);
  std::uint64_t dice = 0;
  set_radii(q, 1e-3, dice);
  OperandBalls next = exact_balls(draw_operands(second));
  // From packed by heads to heads side by side.
  const auto side_by_side = [&](const std::vector<double>& o) {
    std::vector<double> out(o.size());
    const TensorLayout layout = tensor_layout(problem, Tensor::o);
    for (std::int64_t at = 0; at < static_cast<std::int64_t>(o.size()); ++at) {
      const std::int64_t row = at / 16;
      out[static_cast<std::size_t>(layout.offset(row / 10, row / 5 % 2, row % 5, at % 16))] =
          o[static_cast<std::size_t>(at)];
    }
    return out;
  };
  const auto both = [&](const Balls& queries) {
    const auto o = attention_balls(problem, queries, k, v, {}).terms.o;
    next.a = rows_of(second, side_by_side(o), {});
    return reference_operation(second, next).value;
  };
  const LikelyErrors o = likely_errors(problem, q, k, v, {}, {});
  const std::vector<double> centre = both(q);
  next.a.radius = side_by_side(o.apart);
  const std::vector<double> error = likely_errors(second, next, {}, o.shared).all;
  const Ratios ratio = ratios(centre, error, [&] { return both(moved(q, dice)); });
  EXPECT_NEAR(ratio.mean, 1, 0.3);  // both scores move with one q: not independent
  EXPECT_LT(ratio.largest, 2.5);
}

}  // namespace
}  // namespace attest
