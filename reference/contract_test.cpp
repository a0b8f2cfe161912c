// Every row of the contract that has a value one can write down.
// SPDX-License-Identifier: Apache-2.0
#include "reference/attention.h"
#include "reference/elementary.h"
#include "reference/hand_made.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace attest {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// The bits of +0, which EXPECT_EQ alone does not tell from -0.
bool is_plus_zero(double value) {
  return value == 0 && !std::signbit(value);
}

void expect_empty_row(const ReferenceTerms& terms, std::size_t row, std::size_t columns) {
  EXPECT_EQ(terms.lse[row], -kInf);
  EXPECT_EQ(terms.row_max[row], -kInf);
  EXPECT_EQ(terms.kept[row], 0);
  EXPECT_EQ(terms.products_max[row], 0);
  for (std::size_t d = 0; d < columns; ++d) {
    EXPECT_TRUE(is_plus_zero(terms.o[row * columns + d]));
    EXPECT_EQ(terms.weighted_abs_v[row * columns + d], 0);
    EXPECT_EQ(terms.abs_v_over_l[row * columns + d], 0);
  }
}

TEST(Contract, RowWithoutKeysIsPlusZeroAndMinusInfinity) {
  const Problem problem = parsed("attn(sq=5,skv=2,d=8,mask=causal-br)");  // rows 0..2 keep nothing
  const ReferenceTerms terms = reference_attention(problem, draw_inputs(problem));
  for (std::size_t row = 0; row < 3; ++row)
    expect_empty_row(terms, row, 8);
  EXPECT_EQ(terms.kept[3], 1);
  EXPECT_TRUE(std::isfinite(terms.lse[3]));
}

TEST(Contract, NoKeysAtAll) {
  const Problem problem = parsed("attn(b=2,hq=2,sq=3,skv=0,d=8)");
  const ReferenceTerms terms = reference_attention(problem, draw_inputs(problem));
  ASSERT_EQ(terms.lse.size(), 12U);
  for (std::size_t row = 0; row < 12; ++row)
    expect_empty_row(terms, row, 8);
}

TEST(Contract, NoRowsNoTerms) {
  for (const char* text : {"attn(sq=0,skv=3,d=8)", "attn(b=0,sq=3,d=8)"}) {
    const Problem problem = parsed(text);
    const ReferenceTerms terms = reference_attention(problem, draw_inputs(problem));
    EXPECT_TRUE(terms.o.empty() && terms.lse.empty() && terms.kept.empty()) << text;
  }
}

// A row with nothing kept and a finite fill is the mean of all v: here 1..5, of keys that the mask
// hides.
TEST(Contract, FiniteFillOfAnEmptyRowIsTheMeanOfAllValues) {
  Problem problem = parsed("attn(sq=1,skv=5,d=4,dtype=f32,mask=padding(0),fill=-1000)");
  Inputs inputs = draw_inputs(problem);
  inputs.v = tensor_of(problem, Tensor::v, [](auto, auto, auto s, auto) { return s + 1; });
  const ReferenceTerms terms = reference_attention(problem, inputs);
  EXPECT_EQ(terms.kept[0], 5);
  EXPECT_EQ(terms.row_max[0], -1000);
  EXPECT_NEAR(terms.o[0], 3.0, ReferenceError(problem, terms).output(0));
  EXPECT_NEAR(terms.lse[0], -1000 + std::log(5.0), ReferenceError(problem, terms).lse(0));
}

// x := fill replaces the score: with q = 0 the kept key scores 0 and the hidden one -1, so the
// weights are 1 and 1/e before normalisation.
TEST(Contract, FiniteFillReplacesTheScore) {
  const Problem problem = parsed("attn(sq=1,skv=2,d=4,dtype=f32,mask=padding(1),fill=-1)");
  Inputs inputs = draw_inputs(problem);
  inputs.q = tensor_of(problem, Tensor::q, zero);
  inputs.v = tensor_of(problem, Tensor::v, [](auto, auto, auto s, auto) { return s; });
  const ReferenceTerms terms = reference_attention(problem, inputs);
  const double e = std::exp(1.0);
  EXPECT_NEAR(terms.o[0], 1 / (1 + e), ReferenceError(problem, terms).output(0));
  EXPECT_NEAR(terms.lse[0], std::log(1 + 1 / e), ReferenceError(problem, terms).lse(0));
  EXPECT_EQ(terms.products_max[0], 0);
}

TEST(Contract, LseIsInNats) {
  // scale 1/2, q = 1, k = (3,0,1,0): one key scores exactly 2; two of them add ln 2.
  const Problem one = parsed("attn(sq=1,skv=1,d=4)");
  const Problem two = parsed("attn(sq=1,skv=2,d=4)");
  const auto lse = [](const Problem& problem) {
    Inputs inputs = draw_inputs(problem);
    inputs.q = tensor_of(problem, Tensor::q, [](auto...) { return 1; });
    inputs.k =
        tensor_of(problem, Tensor::k, [](auto, auto, auto, auto d) { return d == 0 ? 3 : d == 2; });
    return reference_attention(problem, inputs).lse[0];
  };
  EXPECT_EQ(lse(one), 2.0);
  EXPECT_EQ(lse(two), 2.0 + natural_log(2.0));
}

// Query head h reads kv head h / (hq / hkv).
TEST(Contract, GroupedHeadsAreNeighbours) {
  const Problem problem = parsed("attn(b=2,hq=6,hkv=2,sq=1,skv=1,d=4,dv=3)");
  Inputs inputs = draw_inputs(problem);
  inputs.v = tensor_of(
      problem, Tensor::v, [](auto b, auto h, auto, auto d) { return 100 * b + 10 * h + d; });
  const ReferenceTerms terms = reference_attention(problem, inputs);
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t h = 0; h < 6; ++h)
      for (std::size_t d = 0; d < 3; ++d)
        EXPECT_EQ(terms.o[(b * 6 + h) * 3 + d], static_cast<double>(100 * b + 10 * (h / 3) + d));
}

TEST(Contract, WindowOfZeroKeepsOneKeyExactly) {
  const Problem problem = parsed("attn(sq=4,skv=6,d=8,dtype=bf16,mask=window(0,0,br))");  // off = 2
  const Inputs inputs = draw_inputs(problem);
  const ReferenceTerms terms = reference_attention(problem, inputs);
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(terms.kept[static_cast<std::size_t>(i)], 1);
    for (std::int64_t d = 0; d < 8; ++d)
      EXPECT_EQ(terms.o[static_cast<std::size_t>(i * 8 + d)], inputs.v.value(0, 0, i + 2, d));
  }
}

TEST(Contract, ScaleIsTheFloatThatKernelsGet) {
  const Problem problem = parsed("attn(sq=1,skv=1,d=3,dtype=f32,scale=0.1)");
  Inputs inputs = draw_inputs(problem);
  inputs.q = tensor_of(problem, Tensor::q, [](auto...) { return 1; });
  inputs.k = tensor_of(problem, Tensor::k, [](auto, auto, auto, auto d) { return d == 0; });
  EXPECT_EQ(reference_attention(problem, inputs).lse[0], static_cast<double>(0.1F));
}

// A key that is not kept may hold anything: NaN, Inf and finite garbage give the same bits.
TEST(Contract, HiddenKeysNeverReachTheResult) {
  const char* const texts[] = {
      "attn(b=2,sq=5,skv=9,d=8,dtype=f32,mask=padding(9,4))",
      "attn(sq=5,skv=9,d=8,dtype=f32,mask=causal-tl)",
      "attn(sq=5,skv=9,d=8,dtype=f32,mask=window(1,1,tl)&padding(7))",
  };
  for (const char* text : texts) {
    const Problem problem = parsed(text);
    const Inputs plain = draw_inputs(problem);
    const ReferenceTerms want = reference_attention(problem, plain);
    const double garbage[] = {std::numeric_limits<double>::quiet_NaN(), kInf, -kInf, 1e30};
    for (const double value : garbage) {
      Inputs poisoned = plain;
      // Keys from 7 up are kept by no row of batch 1 (or of the only batch, masks 2 and 3).
      for (std::int64_t j = 7; j < 9; ++j)
        for (std::int64_t d = 0; d < 8; ++d)
          for (HostTensor* tensor : {&poisoned.k, &poisoned.v})
            tensor->set_bits(problem.batch - 1, 0, j, d, encode(Dtype::f32, value));
      const ReferenceTerms got = reference_attention(problem, poisoned);
      EXPECT_EQ(got.o, want.o) << text << ' ' << value;
      EXPECT_EQ(got.lse, want.lse) << text << ' ' << value;
      EXPECT_EQ(got.abs_v_max, want.abs_v_max) << text << ' ' << value;
      EXPECT_EQ(got.products_max, want.products_max) << text << ' ' << value;
    }
  }
}

}  // namespace
}  // namespace attest
