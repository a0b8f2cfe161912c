// The sums of squares against numbers on paper and against their definitions.
// SPDX-License-Identifier: Apache-2.0
#include "reference/attention.h"
#include "reference/mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace attest {
namespace {

Problem parsed(const char* text) {
  Result<Problem> problem = parse_problem(text);
  EXPECT_TRUE(problem.has_value()) << text;
  return *problem;
}

void set(HostTensor& tensor, std::int64_t row, std::int64_t column, double value) {
  tensor.set_bits(0, 0, row, column, encode(tensor.layout.dtype, value));
}

/// Scores 1, 1, 3 over two columns of q = (1, 2) * k; v = 2, -1, 5.
TEST(LikelyTerms, OnPaper) {
  Problem p = parsed("attn(sq=1,skv=3,d=2,dv=1,dtype=f32,scale=1)");
  Inputs in = draw_inputs(p);
  set(in.q, 0, 0, 1);
  set(in.q, 0, 1, 2);
  const double k[3][2] = {{1, 0}, {-1, 1}, {1, 1}};
  const double v[3] = {2, -1, 5};
  for (std::int64_t j = 0; j < 3; ++j) {
    for (std::int64_t d = 0; d < 2; ++d)
      set(in.k, j, d, k[j][d]);
    set(in.v, j, 0, v[j]);
  }
  const ReferenceTerms terms = reference_attention(p, in, Detail::likely);
  ASSERT_TRUE(terms.likely.has_value());
  const LikelyTerms& likely = *terms.likely;
  const double s[3] = {1, 1, 3};
  const double z2[3] = {1, 5, 5};
  const double r[3] = {2, 2, 1};  // the first two weigh the same
  const double l = 2 * std::exp(-2.0) + 1;
  double want[9] = {};
  double prefix = 0;
  for (int j = 0; j < 3; ++j) {
    const double w = std::exp(s[j] - 3) / l;
    const double far = v[j] - terms.o[0];
    want[0] += r[j] * w * w * v[j] * v[j];
    want[1] += r[j] * w * w * far * far;
    want[2] += r[j] * w * w * far * far * (s[j] * s[j] + z2[j]);
    want[3] += r[j] * w * w * far * far * (3 - s[j]) * (3 - s[j]);
    want[4] += w * s[j] * far;
    want[5] += r[j] * w * w;
    want[6] += r[j] * w * w * (s[j] * s[j] + z2[j]);
    want[7] += r[j] * w * w * (3 - s[j]) * (3 - s[j]);
    want[8] += w * s[j];
    prefix = std::max(prefix,
                      std::fabs((v[0] * std::exp(-2.0) + (j > 0 ? v[1] * std::exp(-2.0) : 0) +
                                 (j > 1 ? v[2] : 0)) /
                                l));
  }
  EXPECT_NEAR(likely.values_squared[0], want[0], 1e-14);
  EXPECT_NEAR(likely.spread_squared[0], want[1], 1e-14);
  EXPECT_NEAR(likely.scores_squared[0], want[2], 1e-13);
  EXPECT_NEAR(likely.depth_squared[0], want[3], 1e-14);
  EXPECT_NEAR(likely.scores_together[0], std::fabs(want[4]), 1e-14);
  EXPECT_NEAR(likely.weights_squared[0], want[5], 1e-14);
  EXPECT_NEAR(likely.scores_squared_mean[0], want[6], 1e-13);
  EXPECT_NEAR(likely.depth_squared_mean[0], want[7], 1e-14);
  EXPECT_NEAR(likely.scores_together_mean[0], std::fabs(want[8]), 1e-14);
  EXPECT_NEAR(likely.prefix_max[0], prefix, 1e-14);
  EXPECT_EQ(likely.distinct[0], 2);
}

TEST(LikelyTerms, AreThereOnlyWhereTheyAreAskedFor) {
  const Problem p = parsed("attn(sq=2,skv=3,d=8)");
  const Inputs in = draw_inputs(p);
  const ReferenceTerms worst = reference_attention(p, in);
  const ReferenceTerms likely = reference_attention(p, in, Detail::likely);
  EXPECT_FALSE(worst.likely.has_value());
  EXPECT_TRUE(likely.likely.has_value());
  EXPECT_EQ(worst.o, likely.o);
  EXPECT_EQ(worst.products_spread, likely.products_spread);
}

TEST(LikelyTerms, WeightsThatTheDtypeDoesNotTellApartAreOne) {
  // Scores within 2^-12 of each other: f16 sees 1 or one value beside it, f32 sees most of them.
  const char* const text = "attn(sq=1,skv=64,d=8,scale=0.00003)";
  const Problem f16 = parsed(text);
  const Inputs in = draw_inputs(f16);
  EXPECT_LE(reference_attention(f16, in, Detail::likely).likely->distinct[0], 2);
  Problem f32 = f16;
  f32.dtype = Dtype::f32;
  EXPECT_GE(reference_attention(f32, draw_inputs(f32), Detail::likely).likely->distinct[0], 60);
}

TEST(LikelyTerms, OfEqualScoresCountEveryKey) {
  const Problem p = parsed("attn(sq=1,skv=50,d=8,scale=0,data=constant-v)");
  const ReferenceTerms terms = reference_attention(p, draw_inputs(p), Detail::likely);
  EXPECT_EQ(terms.likely->distinct[0], 1);
  EXPECT_NEAR(terms.likely->values_squared[0], 1, 1e-12);  // 50 * 50 * (1/50)^2
  EXPECT_NEAR(terms.likely->weights_squared[0], 1, 1e-12);
  EXPECT_NEAR(terms.likely->prefix_max[0], 1, 1e-12);
}

TEST(LikelyTerms, OfRowsWithoutKeysAreZero) {
  const Problem p = parsed("attn(sq=2,skv=1,d=8,mask=causal-br)");
  const ReferenceTerms terms = reference_attention(p, draw_inputs(p), Detail::likely);
  ASSERT_EQ(terms.kept[0], 0);
  EXPECT_EQ(terms.likely->values_squared[0], 0);
  EXPECT_EQ(terms.likely->distinct[0], 0);
  EXPECT_EQ(terms.likely->distinct[1], 1);
}

}  // namespace
}  // namespace attest
