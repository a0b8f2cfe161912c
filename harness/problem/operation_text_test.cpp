// Operations and layers as text: keys in order, back again, and every refusal named.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/problem/any_problem.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(OperationText, DefaultsAreNotPrinted) {
  EXPECT_EQ(to_string(Gemm{}), "gemm()");
  EXPECT_EQ(to_string(MaskSoftmax{}), "mask_softmax()");
  EXPECT_EQ(to_string(BiasSplit{}), "bias_split()");
  EXPECT_EQ(to_string(Elementwise{}), "elementwise()");
  LayerProblem layer;
  layer.seq = 128;
  EXPECT_EQ(to_string(layer), "layer(s=128)");
}

TEST(OperationText, EveryKeyInOrder) {
  Gemm g{.batch = 2, .heads = 8, .m = 3, .n = 6, .k = 5, .transpose_a = true, .transpose_b = true};
  g.a = {Layout::bshd, 96};
  g.b = {Layout::bhsd, 8};
  g.c = {Layout::bshd, 0};
  g.alpha = 0.125;
  g.has_bias = true;
  g.split = 3;
  g.has_mask = true;
  g.fill = -1e4;
  g.dtype = Dtype::bf16;
  g.data = {DataKind::normal, 2};
  g.seed = 7;
  EXPECT_EQ(to_string(g),
            "gemm(b=2,h=8,m=3,n=6,k=5,ta=1,tb=1,la=bshd(96),lb=bhsd(8),lc=bshd,alpha=0.125,bias=1,"
            "split=3,mask=1,fill=-10000,dtype=bf16,data=normal(2),seed=0x7)");
  EXPECT_EQ(
      to_string(MaskSoftmax{2, 8, 3, 4, 0.5, true, -7, Dtype::f32, {DataKind::needle}, 1}),
      "mask_softmax(b=2,h=8,m=3,n=4,scale=0.5,mask=1,fill=-7,dtype=f32,data=needle,seed=0x1)");
  EXPECT_EQ(to_string(BiasSplit{3, 6, 2, Dtype::f32, {DataKind::integers}, 1}),
            "bias_split(m=3,n=6,split=2,dtype=f32,data=integers,seed=0x1)");
  EXPECT_EQ(to_string(Elementwise{ElementwiseKind::masked_fill, 2, 8, 3, 4, -9, Dtype::f32, {}, 1}),
            "elementwise(op=masked_fill,b=2,h=8,m=3,n=4,alpha=-9,dtype=f32,seed=0x1)");
  LayerProblem layer{.batch = 2, .seq = 128, .dim = 64, .heads = 4, .dtype = Dtype::bf16};
  layer.mask.causal = Alignment::bottom_right;
  layer.mask.kv_lengths = std::vector<std::int64_t>{96, 128};
  layer.fill = -5;
  layer.seed = 42;
  EXPECT_EQ(
      to_string(layer),
      "layer(b=2,s=128,d=64,h=4,dtype=bf16,mask=causal-br&padding(96,128),fill=-5,seed=0x2a)");
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t word() { return random_bits(seed_, 98, count_++); }
  bool coin() { return word() >> 63 != 0; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(word() % static_cast<std::uint64_t>(most - least + 1));
  }
  double number() { return static_cast<double>(word() >> 11) * 0x1p-50 * (coin() ? 1 : -1); }
  Dtype dtype() { return kDtypes[static_cast<std::size_t>(between(0, 2))]; }
  Placement placement() { return {coin() ? Layout::bshd : Layout::bhsd, between(0, 9)}; }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

AnyProblem random_problem(Dice& dice) {
  const std::int64_t split = dice.between(1, 3);
  const Data data = dice.coin()
                        ? Data{DataKind::normal, 0.1 + static_cast<double>(dice.between(0, 9))}
                        : Data{DataKind::integers, 1};
  const auto size = [&dice] { return dice.coin() ? 1 : dice.between(1, 300); };
  switch (dice.between(0, 4)) {
    case 0: {
      Gemm g{.batch = size(), .heads = dice.between(1, 4), .m = size(), .n = split * size()};
      g.k = size();
      g.transpose_a = dice.coin();
      g.transpose_b = dice.coin();
      g.a = dice.placement();
      g.b = dice.placement();
      g.c = dice.placement();
      g.alpha = dice.number();
      g.has_bias = dice.coin();
      g.split = split;
      g.has_mask = dice.coin();
      g.fill = dice.number();
      g.dtype = dice.dtype();
      g.data = data;
      g.seed = dice.word();
      return g;
    }
    case 1:
      return MaskSoftmax{size(),
                         2,
                         size(),
                         size(),
                         dice.number(),
                         dice.coin(),
                         dice.number(),
                         dice.dtype(),
                         data,
                         dice.word()};
    case 2:
      return BiasSplit{size(), split * size(), split, dice.dtype(), data, dice.word()};
    case 3: {
      const auto kind = kElementwiseKinds[static_cast<std::size_t>(dice.between(0, 2))];
      return Elementwise{
          kind, size(), 3, size(), size(), dice.number(), dice.dtype(), data, dice.word()};
    }
    default: {
      LayerProblem l{.batch = dice.between(1, 3), .seq = size(), .dim = 24, .heads = split};
      l.dtype = dice.dtype();
      if (dice.coin()) l.mask.window = Window{dice.between(-1, 9), -1, Alignment::top_left};
      if (dice.coin()) l.mask.kv_lengths.emplace(static_cast<std::size_t>(l.batch), l.seq);
      l.fill = dice.number();
      l.data = data;
      l.seed = dice.word();
      return l;
    }
  }
}

TEST(OperationText, ParseInvertsToStringOnRandomProblems) {
  Dice dice(1);
  for (int i = 0; i < 3000; ++i) {
    const AnyProblem problem = random_problem(dice);
    const std::string line = to_string(problem);
    const Result<AnyProblem> parsed = parse_any(line);
    ASSERT_TRUE(parsed) << line << "\n" << parsed.error().to_string();
    ASSERT_EQ(*parsed, problem) << line << "\n" << to_string(*parsed);
    ASSERT_TRUE(validate(problem)) << line;
  }
}

TEST(OperationText, TheExamplesOfTheDesign) {
  const Result<Operation> gemm =
      parse_operation("gemm(m=128,n=1536,k=512,bias=1,split=3,dtype=f16,seed=7)");
  ASSERT_TRUE(gemm) << gemm.error().to_string();
  Gemm want{.m = 128, .n = 1536, .k = 512};
  want.has_bias = true;
  want.split = 3;
  want.seed = 7;
  EXPECT_EQ(*gemm, Operation(want));
  const Result<LayerProblem> layer =
      parse_layer("layer(b=2,s=128,d=512,h=8,dtype=f16,mask=padding(96,128),fill=-1000,seed=0x2a)");
  ASSERT_TRUE(layer) << layer.error().to_string();
  EXPECT_EQ(layer->head_dim(), 64);
  EXPECT_EQ(layer->mask.kv_lengths, (std::vector<std::int64_t>{96, 128}));
}

TEST(OperationText, AttentionIsACaseLikeAnyOther) {
  EXPECT_EQ(*parse_any("attn(sq=3)"), AnyProblem(*parse_problem("attn(sq=3)")));
  EXPECT_EQ(to_string(*parse_any(" attn(sq=3)")), "attn(sq=3)");
}

struct Refusal {
  const char* text;
  const char* message;  // "<column>: <what>"
};

TEST(OperationTextErrors, NameKeyPlaceAndLimit) {
  constexpr const char* kWords =
      "attn(...), gemm(...), mask_softmax(...), bias_split(...), elementwise(...), layer(...)";
  const std::string unknown = std::string("1: found 'gem', allowed: ") + kWords;
  const std::string nothing = std::string("1: found the end, allowed: ") + kWords;
  const Refusal refusals[] = {
      {"gem(m=1)", unknown.c_str()},
      {"", nothing.c_str()},
      {"gemm(m=1", "9: the bracket of 'gemm(' is not closed"},
      {"bias_split(k=1)", "12: unknown key 'k', allowed: m, n, split, dtype, data, seed"},
      {"layer(b=1)", "10: key 's' is missing; it has no default"},
      {"gemm(ta=2)", "9: key 'ta': found '2', allowed: 0, 1"},
      {"gemm(la=sbhd)", "9: key 'la': found 'sbhd', allowed: bshd, bhsd"},
      {"gemm(la=bshd(1,2))", "15: key 'la': found ',', allowed: one gap"},
      {"gemm(lb=bshd(-1))",
       "9: key 'lb': found a gap of -1, allowed: an integer from 0 to 268435456"},
      {"gemm(m=0)", "8: key 'm': found 0, allowed: an integer from 1 to 268435456"},
      {"gemm(n=4,split=3)", "16: key 'split': found 3, allowed: a divisor of n, which is 4"},
      {"gemm(n=4,split=4)", "16: key 'split': found 4, allowed: an integer from 1 to 3"},
      {"gemm(m=20000,k=20000)",
       "16: key 'k': found A of 1 x 1 x 20000 x 20000 elements and gaps of 0; allowed: 268435456 "
       "elements in all"},
      {"gemm(m=2,lc=bshd(268435456))",
       "1: key 'n': found C of 1 x 1 x 2 x 1 elements and gaps of 268435456; allowed: 268435456 "
       "elements in all"},
      {"gemm(alpha=nan)", "12: key 'alpha': found nan, allowed: a finite number that fits f32"},
      {"gemm(fill=-7e4)",
       "11: key 'fill': found -70000, allowed: from -65504 to 65504, as f16 holds"},
      {"gemm(data=needle)",
       "11: key 'data': found needle, allowed here: normal(a), all-negative, one-hot, integers"},
      {"mask_softmax(fill=-inf)",
       "19: key 'fill': found -inf, allowed: a finite number that fits f32"},
      {"elementwise(op=mul)",
       "16: key 'op': found 'mul', allowed: scale, equals_zero, masked_fill"},
      {"elementwise(op=masked_fill,alpha=1e5)",
       "34: key 'alpha': found 100000, allowed: from -65504 to 65504, as f16 holds"},
      {"layer(s=0)", "9: key 's': found 0, allowed: an integer from 1 to 268435456"},
      {"layer(s=1,d=6,h=4)", "17: key 'h': found 4, allowed: a divisor of d, which is 6"},
      {"layer(s=3,mask=padding(4))",
       "16: key 'mask': found padding length 4, allowed: an integer from 0 to 3"},
      {"layer(s=3,mask=causal-tl&alibi)",
       "16: key 'mask': found alibi, allowed: parts that hide keys, in a layer"},
      {"layer(s=3,mask=bias)",
       "16: key 'mask': found bias, allowed: parts that hide keys, in a layer"},
      {"layer(s=20000)",
       "9: key 's': found scores of 1 x 1 x 20000 x 20000 elements and gaps of 0; allowed: "
       "268435456 elements in all"},
      {"layer(s=1,data=needle)", "16: key 'data': found needle, allowed here: normal(a), integers"},
  };
  for (const Refusal& r : refusals) {
    const Result<AnyProblem> parsed = parse_any(r.text);
    ASSERT_FALSE(parsed) << r.text;
    EXPECT_EQ(parsed.error().code, Code::bad_input);
    EXPECT_EQ(parsed.error().to_string(), std::string("case, column ") + r.message) << r.text;
  }
}

TEST(OperationTextErrors, OneKindWhereOneKindIsMeant) {
  EXPECT_EQ(parse_operation("layer(s=1)").error().to_string(),
            "case, column 1: allowed: gemm(...), mask_softmax(...), bias_split(...), "
            "elementwise(...)");
  EXPECT_EQ(parse_layer("gemm()").error().to_string(),
            "case, column 1: found 'gemm', allowed: layer(...)");
}

// A transposed A lies as [k, m]; a packed qkv holds q as bshd with a gap.
TEST(OperationLayout, OperandsAsTheyLie) {
  Gemm g{.batch = 2, .heads = 4, .m = 5, .n = 6, .k = 8, .transpose_a = true};
  g.b = {Layout::bshd, 64};
  g.split = 3;
  using Four = std::array<std::int64_t, 4>;
  const auto a = buffer_layout(g, OperationBuffer::a);
  EXPECT_EQ(a.shape, (Four{2, 4, 8, 5}));
  EXPECT_EQ(a.strides, (Four{160, 40, 5, 1}));
  const auto b = buffer_layout(g, OperationBuffer::b);
  EXPECT_EQ(b.shape, (Four{2, 4, 8, 6}));
  EXPECT_EQ(b.strides, (Four{8 * 88, 6, 88, 1}));
  EXPECT_EQ(buffer_layout(g, OperationBuffer::c2).shape, (Four{2, 4, 5, 2}));
  EXPECT_FALSE(has_buffer(g, OperationBuffer::bias));
  EXPECT_EQ(buffer_bytes(g, OperationBuffer::bias), 0);
  EXPECT_EQ(buffer_bytes(g, OperationBuffer::c), 2 * 4 * 5 * 2 * 2);
  g.has_mask = true;
  EXPECT_EQ(buffer_bytes(g, OperationBuffer::mask), 2 * 5 * 6);
  const Elementwise test{ElementwiseKind::equals_zero, 2, 8, 3, 4, 1, Dtype::f32, {}, 0};
  EXPECT_FALSE(has_buffer(test, OperationBuffer::a));
  EXPECT_TRUE(holds_bytes(test, OperationBuffer::c));
  EXPECT_EQ(buffer_bytes(test, OperationBuffer::c), 2 * 3 * 4);
}

}  // namespace
}  // namespace attest
