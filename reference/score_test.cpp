// Softcap, bias, ALiBi and sink: cases whose values one can write down, and laws between them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/score.h"

#include "reference/attention.h"
#include "reference/hand_made.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace attest {
namespace {

struct Evaluated {
  Problem problem;
  ReferenceTerms terms;
  Evaluated(const Problem& p, const Inputs& inputs)
      : problem(p), terms(reference_attention(p, inputs)) {}
  void expect_lse(std::size_t row, double lse) const {
    EXPECT_NEAR(terms.lse[row], lse, 2 * ReferenceError(problem, terms).lse(row)) << row;
  }
  void expect_output(std::size_t element, double o) const {
    EXPECT_NEAR(terms.o[element], o, 2 * ReferenceError(problem, terms).output(element)) << element;
  }
};

/// All scores 0, and v = 1 + key.
Inputs flat(const Problem& problem) {
  Inputs inputs = draw_inputs(problem);
  inputs.q = tensor_of(problem, Tensor::q, zero);
  inputs.v = tensor_of(problem, Tensor::v, [](auto, auto, auto s, auto) { return s + 1; });
  return inputs;
}

/// One key whose scaled score is 2.
Inputs one_score_of_two(const Problem& problem) {
  Inputs inputs = draw_inputs(problem);
  inputs.q = tensor_of(problem, Tensor::q, [](auto...) { return 1; });
  inputs.k =
      tensor_of(problem, Tensor::k, [](auto, auto, auto, auto d) { return d == 0 ? 3 : d == 2; });
  return inputs;
}

template <class Value>
void set_bias(Inputs& inputs, Value value) {
  const auto& [batch, heads, rows, keys] = inputs.bias.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < keys; ++j)
          inputs.bias.set_bits(
              b, h, i, j, encode(inputs.bias.layout.dtype, static_cast<double>(value(b, h, i, j))));
}

TEST(Softcap, BoundsTheScaledScore) {
  const Problem problem = parsed("attn(sq=1,skv=1,d=4,softcap=0.5)");
  const Evaluated capped(problem, one_score_of_two(problem));
  capped.expect_lse(0, 0.5 * std::tanh(4.0));
  EXPECT_LT(capped.terms.lse[0], 0.5);
}

TEST(Softcap, IsNothingToSmallScores) {
  const Problem problem = parsed("attn(sq=1,skv=1,d=4,softcap=1048576)");
  const Evaluated capped(problem, one_score_of_two(problem));
  capped.expect_lse(0, 2 - 8.0 / 3 * 0x1p-40);  // x - x^3 / (3 softcap^2)
}

TEST(Softcap, ComesBeforeTheBias) {
  const Problem problem = parsed("attn(sq=1,skv=1,d=4,mask=bias,softcap=0.5)");
  Inputs inputs = one_score_of_two(problem);
  set_bias(inputs, [](auto...) { return 8; });
  Evaluated(problem, inputs).expect_lse(0, 0.5 * std::tanh(4.0) + 8);
}

TEST(Bias, IsOfItsBatchHeadRowAndKey) {
  const Problem problem = parsed("attn(b=2,hq=2,hkv=1,sq=2,skv=2,d=4,dtype=f32,mask=bias)");
  Inputs inputs = flat(problem);
  const auto bias = [](auto b, auto h, auto i, auto j) {
    return static_cast<double>(j * (1 + 4 * b + 2 * h + i)) / 8;
  };
  set_bias(inputs, bias);
  const Evaluated biased(problem, inputs);
  for (std::int64_t b = 0; b < 2; ++b) {
    for (std::int64_t h = 0; h < 2; ++h) {
      for (std::int64_t i = 0; i < 2; ++i) {
        const auto row = static_cast<std::size_t>((b * 2 + h) * 2 + i);
        const double second = std::exp(bias(b, h, i, std::int64_t{1}));
        biased.expect_lse(row, std::log(1 + second));
        biased.expect_output(row * 4, (1 + 2 * second) / (1 + second));
      }
    }
  }
}

// H = 2 has slopes 2^-4 and 2^-8. Bottom-right: row 0 of 2 lies at key 1 of 3.
TEST(Alibi, CountsFromTheBottomRightDiagonalInBothDirections) {
  for (const char* mask : {"alibi", "causal-tl&alibi"}) {
    const bool is_causal = mask[0] == 'c';  // hides keys, moves no diagonal of ALiBi
    const Problem problem =
        parsed(std::string("attn(hq=2,sq=2,skv=3,d=4,dtype=f32,mask=") + mask + ")");
    const Evaluated evaluated(problem, flat(problem));
    for (std::size_t h = 0; h < 2; ++h) {
      const double slope = h == 0 ? 0x1p-4 : 0x1p-8;
      const double near = std::exp(-slope);
      const double far = std::exp(-2 * slope);
      evaluated.expect_lse(2 * h, std::log(is_causal ? near : near + 1 + near));
      evaluated.expect_lse(2 * h + 1, std::log(is_causal ? far + near : far + near + 1));
    }
  }
}

TEST(Alibi, CountsFromTheEndOfTheBatch) {
  const Problem problem =
      parsed("attn(b=2,sq=1,skv=3,d=4,dtype=f32,mask=padding(1,2)&alibi)");  // slope 2^-8
  const Evaluated evaluated(problem, flat(problem));
  evaluated.expect_lse(0, 0);
  evaluated.expect_lse(1, std::log(std::exp(-0x1p-8) + 1));
}

TEST(Alibi, IsTheBiasOfItsDistances) {
  const Problem alibi = parsed("attn(hq=4,hkv=2,sq=9,skv=14,d=8,dtype=f32,mask=causal-br&alibi)");
  Problem as_bias = alibi;
  as_bias.mask.alibi = false;
  as_bias.mask.bias = true;
  Inputs inputs = draw_inputs(as_bias);
  const auto distance = [](auto h, auto i, auto j) {
    return std::ldexp(static_cast<double>(std::abs(i + 5 - j)), static_cast<int>(-2 * (h + 1)));
  };
  set_bias(inputs, [&](auto, auto h, auto i, auto j) { return -distance(h, i, j); });
  const ReferenceTerms terms = reference_attention(alibi, inputs);
  EXPECT_EQ(terms.o, reference_attention(as_bias, inputs).o);
  EXPECT_EQ(terms.lse, reference_attention(as_bias, inputs).lse);
  set_bias(inputs, [&](auto, auto h, auto i, auto j) { return distance(h, i, j); });
  EXPECT_NE(terms.lse, reference_attention(as_bias, inputs).lse);
}

// A finite fill is the score, whatever was added before.
TEST(FinalScore, AFillReplacesBiasAndAlibi) {
  const Problem problem =
      parsed("attn(sq=1,skv=2,d=4,dtype=f32,mask=padding(1)&bias&alibi,fill=-1)");
  Inputs inputs = flat(problem);
  set_bias(inputs, [](auto, auto, auto, auto j) { return j == 0 ? 0.5 : 100; });
  const Evaluated evaluated(problem, inputs);
  evaluated.expect_lse(0, std::log(std::exp(0.5) + std::exp(-1)));
}

TEST(Sink, JoinsTheSumAndNotTheOutput) {
  const Problem problem = parsed("attn(hq=2,hkv=1,sq=1,skv=2,d=4,dtype=f32,sink=1)");
  Inputs inputs = flat(problem);
  ASSERT_EQ(inputs.sink.size(), 2U);
  inputs.sink = {0, 3};
  const Evaluated sunk(problem, inputs);
  sunk.expect_lse(0, std::log(3.0));
  sunk.expect_output(0, (1 + 2) / 3.0);
  EXPECT_EQ(sunk.terms.row_max[0], 0);
  sunk.expect_lse(1, std::log(2 + std::exp(3.0)));
  sunk.expect_output(4, 3 / (2 + std::exp(3.0)));
  EXPECT_EQ(sunk.terms.row_max[1], 3);
  EXPECT_EQ(sunk.terms.kept[1], 2);
}

TEST(Sink, IsAllThatARowWithoutKeysHas) {
  for (const char* text :
       {"attn(hq=2,sq=1,skv=3,d=8,mask=padding(0),sink=1)", "attn(hq=2,sq=1,skv=0,d=8,sink=1)"}) {
    const Problem problem = parsed(text);
    const Inputs inputs = draw_inputs(problem);
    const ReferenceTerms terms = reference_attention(problem, inputs);
    for (std::size_t h = 0; h < 2; ++h) {
      EXPECT_EQ(terms.lse[h], static_cast<double>(inputs.sink[h])) << text;
      EXPECT_EQ(terms.kept[h], 0);
      for (std::size_t d = 0; d < 8; ++d) {
        EXPECT_EQ(terms.o[h * 8 + d], 0);
        EXPECT_FALSE(std::signbit(terms.o[h * 8 + d]));
        EXPECT_EQ(terms.weighted_abs_v[h * 8 + d], 0);
      }
    }
  }
}

// One more key with v = 0 and k = 0, whose bias is the logit. Its a_j alone is another: a bias has one.
TEST(Sink, HasTheTermsOfOneMoreKeyWithoutValue) {
  const Problem sunk =
      parsed("attn(b=2,hq=4,hkv=2,sq=5,skv=9,d=8,dtype=f32,mask=bias&padding(9,3),sink=1)");
  Problem longer = sunk;
  longer.sink = false;
  longer.seq_kv = 10;
  longer.mask.kv_lengths.reset();
  longer.mask.boolean = true;
  const Inputs inputs = draw_inputs(sunk);
  Inputs more = draw_inputs(longer);
  const auto is_sink = [](std::int64_t j) { return j == 9; };
  for (HostTensor* tensor : {&more.k, &more.v}) {
    const HostTensor& from = tensor == &more.k ? inputs.k : inputs.v;
    *tensor = tensor_of(
        longer, tensor == &more.k ? Tensor::k : Tensor::v, [&](auto b, auto h, auto j, auto d) {
          return is_sink(j) ? 0 : from.value(b, h, j, d);
        });
  }
  set_bias(more, [&](auto b, auto h, auto i, auto j) {
    return is_sink(j) ? static_cast<double>(inputs.sink[static_cast<std::size_t>(h)])
                      : inputs.bias.value(b, h, i, j);
  });
  for (std::size_t at = 0; at < more.keep.size(); ++at) {
    const std::size_t key = at % 10;
    const std::size_t batch = at / 10 / 5;
    more.keep[at] = key == 9 || key < (batch == 0 ? 9U : 3U) ? 1 : 0;
  }
  const Evaluated one(sunk, inputs);
  const Evaluated other(longer, more);
  for (std::size_t row = 0; row < one.terms.lse.size(); ++row) {
    one.expect_lse(row, other.terms.lse[row]);
    EXPECT_EQ(one.terms.row_max[row], other.terms.row_max[row]);
    EXPECT_EQ(one.terms.kept[row] + 1, other.terms.kept[row]);
    EXPECT_DOUBLE_EQ(one.terms.scores_mean[row], other.terms.scores_mean[row]);
    EXPECT_DOUBLE_EQ(one.terms.depth_mean[row], other.terms.depth_mean[row]);
    EXPECT_LT(one.terms.products_mean[row], other.terms.products_mean[row]);
  }
  for (std::size_t element = 0; element < one.terms.o.size(); ++element) {
    one.expect_output(element, other.terms.o[element]);
    for (const auto array : {&ReferenceTerms::weighted_abs_v,
                             &ReferenceTerms::weighted_spread,
                             &ReferenceTerms::scores_spread,
                             &ReferenceTerms::depth_spread,
                             &ReferenceTerms::abs_v_over_l,
                             &ReferenceTerms::abs_v_max}) {
      EXPECT_DOUBLE_EQ((one.terms.*array)[element], (other.terms.*array)[element]) << element;
    }
  }
}

TEST(FinalScore, MagnitudesHoldWhatWasAdded) {
  const Problem problem = parsed("attn(hq=2,sq=3,skv=5,d=8,dtype=f32,mask=bias&alibi,softcap=2)");
  const Inputs inputs = draw_inputs(problem);
  const Score score = final_score(problem, inputs, {0, 1, 2, 0}, {3, 7});
  const double bias = inputs.bias.value(0, 1, 2, 0);
  EXPECT_DOUBLE_EQ(score.value, 2 * std::tanh(1.5) + bias - 4 * 0x1p-8);
  EXPECT_DOUBLE_EQ(score.magnitude, 7 + std::fabs(bias) + 4 * 0x1p-8);
}

}  // namespace
}  // namespace attest
