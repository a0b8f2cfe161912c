// What a Problem prints, how its tensors lie, and what code may not ask for.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/problem.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

Problem square(std::int64_t size) {
  Problem p;
  p.seq_q = size;
  p.seq_kv = size;
  return p;
}

TEST(ToString, DefaultsAreNotPrinted) {
  EXPECT_EQ(to_string(square(7)), "attn(sq=7)");
}

TEST(ToString, EveryKeyInOrder) {
  Problem p;
  p.batch = 2;
  p.heads_q = 8;
  p.heads_kv = 2;
  p.seq_q = 65;
  p.seq_kv = 127;
  p.head_dim = 32;
  p.head_dim_v = 48;
  p.dtype = Dtype::bf16;
  p.layout = Layout::bhsd;
  p.gap = {8, 0, 4, 1};
  p.skew = {2, 0, 0, 6};
  p.mask.causal = Alignment::top_left;
  p.mask.window = Window{31, -1, Alignment::bottom_right};
  p.mask.kv_lengths = std::vector<std::int64_t>{96, 0};
  p.mask.boolean = true;
  p.fill = -1000;
  p.mask.bias = true;
  p.mask.alibi = true;
  p.scale = 0.37;
  p.softcap = 30;
  p.sink = true;
  p.data = {DataKind::normal, 0.1};
  p.seed = 0x9e3779b9;
  EXPECT_EQ(to_string(p),
            "attn(b=2,hq=8,hkv=2,sq=65,skv=127,d=32,dv=48,dtype=bf16,layout=bhsd,"
            "gap(q=8,v=4,o=1),skew(q=2,o=6),"
            "mask=causal-tl&window(31,-1,br)&padding(96,0)&bool&bias&alibi,fill=-1000,"
            "scale=0.37,softcap=30,sink=1,data=normal(0.1),seed=0x9e3779b9)");
}

TEST(ToString, HeadsKvFollowsHeadsQAndDimVFollowsDim) {
  Problem p = square(1);
  p.heads_q = 6;
  EXPECT_EQ(to_string(p), "attn(hq=6,hkv=1,sq=1)");
  p.heads_kv = 6;
  p.head_dim = 32;
  EXPECT_EQ(to_string(p), "attn(hq=6,sq=1,d=32,dv=64)");
}

TEST(EffectiveScale, IsTheInverseRootRoundedToFloat) {
  Problem p = square(1);
  EXPECT_EQ(effective_scale(p), 0.125f);
  p.head_dim = 1;
  EXPECT_EQ(effective_scale(p), 1.0f);
  p.head_dim = 2;
  EXPECT_EQ(effective_scale(p), 0.70710677f);  // 1/sqrt(2) = 0.70710678118..
  p.scale = 0.37;
  EXPECT_EQ(effective_scale(p), 0.37f);
}

TEST(AlibiSlope, HalvesInEqualStepsForAPowerOfTwoHeads) {
  for (std::int64_t h = 0; h < 8; ++h)
    EXPECT_EQ(alibi_slope(8, h), std::ldexp(1.0F, static_cast<int>(-h - 1)));
  EXPECT_EQ(alibi_slope(1, 0), 0x1p-8F);
  EXPECT_EQ(alibi_slope(2, 0), 0x1p-4F);
  EXPECT_EQ(alibi_slope(2, 1), 0x1p-8F);
  EXPECT_EQ(alibi_slope(16, 0), 0.70710677F);  // 2^-0.5 = 0.70710678118..
  EXPECT_EQ(alibi_slope(16, 1), 0.5F);
  EXPECT_EQ(alibi_slope(32, 2), 0.59460354F);  // 2^-0.75 = 0.59460355750..
}

// 12 heads: the slopes of 8, then the first, third, fifth and seventh of 16.
TEST(AlibiSlope, OtherNumbersOfHeadsTakeEverySecondOfTwiceThePower) {
  for (std::int64_t h = 0; h < 8; ++h)
    EXPECT_EQ(alibi_slope(12, h), alibi_slope(8, h));
  for (std::int64_t h = 0; h < 4; ++h)
    EXPECT_EQ(alibi_slope(12, 8 + h), alibi_slope(16, 2 * h));
  EXPECT_EQ(alibi_slope(3, 2), 0x1p-2F);
}

TEST(ScoreExtra, IsTheFirstThatPlainAttentionLacks) {
  Problem p = square(3);
  p.mask.boolean = true;
  EXPECT_EQ(score_extra(p), std::nullopt);
  p.sink = true;
  EXPECT_EQ(score_extra(p), "sink=1");
  p.softcap = 0.5;
  EXPECT_EQ(score_extra(p), "softcap=0.5");
  p.mask.alibi = true;
  EXPECT_EQ(score_extra(p), "mask=alibi");
  p.mask.bias = true;
  EXPECT_EQ(score_extra(p), "mask=bias");
}

TEST(KvLength, IsThePaddingLengthOrAllKeys) {
  Problem p = square(9);
  p.batch = 2;
  EXPECT_EQ(kv_length(p, 1), 9);
  p.mask.kv_lengths = std::vector<std::int64_t>{4, 0};
  EXPECT_EQ(kv_length(p, 0), 4);
  EXPECT_EQ(kv_length(p, 1), 0);
}

TEST(TensorLayout, FollowsTheLayoutTheHeadsAndTheGap) {
  Problem p;
  p.batch = 2;
  p.heads_q = 6;
  p.heads_kv = 3;
  p.seq_q = 5;
  p.seq_kv = 7;
  p.head_dim = 32;
  p.head_dim_v = 48;
  p.gap = {8, 0, 16, 0};
  p.skew = {2, 0, 0, 4};
  using Four = std::array<std::int64_t, 4>;
  const TensorLayout q = tensor_layout(p, Tensor::q);
  EXPECT_EQ(q.shape, (Four{2, 6, 5, 32}));
  EXPECT_EQ(q.strides, (Four{5 * 200, 32, 200, 1}));  // a row is 6 * 32 + 8
  EXPECT_EQ(q.skew_bytes, 2);
  EXPECT_EQ(tensor_layout(p, Tensor::k).strides, (Four{7 * 96, 32, 96, 1}));
  EXPECT_EQ(tensor_layout(p, Tensor::o).shape, (Four{2, 6, 5, 48}));
  EXPECT_EQ(tensor_layout(p, Tensor::o).skew_bytes, 4);
  p.layout = Layout::bhsd;
  const TensorLayout v = tensor_layout(p, Tensor::v);
  EXPECT_EQ(v.shape, (Four{2, 3, 7, 48}));
  EXPECT_EQ(v.strides, (Four{3 * 7 * 64, 7 * 64, 64, 1}));  // a row is 48 + 16
}

TEST(Validate, AcceptsEmptySequencesAndBatches) {
  Problem p = square(0);
  EXPECT_TRUE(validate(p));
  p.batch = 0;
  p.mask.kv_lengths = std::vector<std::int64_t>{};
  EXPECT_TRUE(validate(p));
}

TEST(Validate, RefusesWhatParseRefuses) {
  Problem p = square(4);
  p.heads_q = 3;
  p.heads_kv = 2;
  const Status status = validate(p);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().to_string(),
            "case: key 'hkv': found 2, allowed: a divisor of hq, which is 3");
  p = square(4);
  p.data = {DataKind::needle, 2.0};  // would not print, so would not parse back
  EXPECT_FALSE(validate(p));
}

TEST(Validate, LimitsTheSpanEvenOfEmptyTensors) {
  Problem p = square(0);
  p.seq_kv = kMaxElements;  // times head_dim
  EXPECT_FALSE(validate(p));
  p.seq_kv = kMaxElements / 64;
  EXPECT_TRUE(validate(p));
  p.gap[1] = 1;
  EXPECT_FALSE(validate(p));
}

}  // namespace
}  // namespace attest
