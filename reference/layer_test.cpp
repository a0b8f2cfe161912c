// The layer against numbers on paper, its definition written plainly, and the chain of operations.
// SPDX-License-Identifier: Apache-2.0
#include "reference/layer.h"

#include "reference/attention_balls.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

using Real = long double;

LayerProblem parsed(const char* text) {
  Result<LayerProblem> layer = parse_layer(text);
  EXPECT_TRUE(layer.has_value()) << text;
  return layer.value();
}

void set(HostTensor& tensor, const std::vector<double>& packed) {
  const auto columns = static_cast<std::size_t>(tensor.layout.shape[3]);
  for (std::size_t at = 0; at < packed.size(); ++at) {
    tensor.set_bits(0,
                    0,
                    static_cast<std::int64_t>(at / columns),
                    static_cast<std::int64_t>(at % columns),
                    encode(tensor.layout.dtype, packed[at]));
  }
}

// One column: q = x, k = 0 so that kept keys weigh the same, v = 2x + 1, y = 10 o - 3.
TEST(ReferenceLayer, OnPaper) {
  const LayerProblem layer = parsed("layer(s=3,d=1,dtype=f32,mask=causal-tl)");
  LayerInputs in = draw_layer(layer);
  set(in.x, {1, 3, 8});
  set(in.w_qkv, {1, 0, 2});
  set(in.b_qkv, {0, 0, 1});
  set(in.w_out, {10});
  set(in.b_out, {-3});
  // v = 3, 7, 17; o = 3, 5, 9
  const std::vector<double> y = reference_layer(layer, in);
  EXPECT_NEAR(y[0], 27, 1e-12);
  EXPECT_NEAR(y[1], 47, 1e-12);
  EXPECT_NEAR(y[2], 87, 1e-12);
}

// A query that keeps nothing has the mean of all values, since the fill stays in the sum.
TEST(ReferenceLayer, NothingKeptIsTheMean) {
  const LayerProblem layer = parsed("layer(s=2,d=1,dtype=f32,mask=padding(0))");
  LayerInputs in = draw_layer(layer);
  set(in.x, {1, 3});
  set(in.w_qkv, {5, 5, 1});
  set(in.b_qkv, {0, 0, 0});
  set(in.w_out, {1});
  set(in.b_out, {0});
  EXPECT_EQ(reference_layer(layer, in), (std::vector<double>{2, 2}));
}

const char* const kLayers[] = {
    "layer(b=2,s=9,d=12,h=3,mask=causal-br&bool,seed=5)",
    "layer(b=2,s=20,d=8,mask=padding(20,7),dtype=bf16,fill=-3)",
    "layer(s=33,d=16,h=16,dtype=f32,data=normal(2))",
};

TEST(ReferenceLayer, IsTheDefinition) {
  for (const char* text : kLayers) {
    SCOPED_TRACE(text);
    const LayerProblem layer = parsed(text);
    const LayerInputs in = draw_layer(layer);
    const std::vector<double> y = reference_layer(layer, in);
    const std::int64_t dim = layer.dim;
    const std::int64_t d = layer.head_dim();
    const auto linear = [&](std::int64_t b, std::int64_t i, std::int64_t row) {
      Real sum = in.b_qkv.value(0, 0, 0, row);
      for (std::int64_t c = 0; c < dim; ++c)
        sum += static_cast<Real>(in.x.value(b, 0, i, c)) * in.w_qkv.value(0, 0, row, c);
      return sum;
    };
    for (std::int64_t b = 0; b < layer.batch; ++b) {
      for (std::int64_t i = 0; i < layer.seq; ++i) {
        std::vector<Real> o(static_cast<std::size_t>(dim));
        for (std::int64_t h = 0; h < layer.heads; ++h) {
          std::vector<Real> weight;
          Real total = 0;
          for (std::int64_t j = 0; j < layer.seq; ++j) {
            Real score = 0;
            for (std::int64_t c = 0; c < d; ++c)
              score += linear(b, i, h * d + c) * linear(b, j, dim + h * d + c);
            score /= std::sqrt(static_cast<Real>(d));
            const auto at = static_cast<std::size_t>((b * layer.seq + i) * layer.seq + j);
            weight.push_back(std::exp(in.mask[at] != 0 ? score : static_cast<Real>(layer.fill)));
            total += weight.back();
          }
          for (std::int64_t c = 0; c < d; ++c) {
            Real sum = 0;
            for (std::int64_t j = 0; j < layer.seq; ++j)
              sum +=
                  weight[static_cast<std::size_t>(j)] / total * linear(b, j, 2 * dim + h * d + c);
            o[static_cast<std::size_t>(h * d + c)] = sum;
          }
        }
        for (std::int64_t row = 0; row < dim; ++row) {
          Real want = in.b_out.value(0, 0, 0, row);
          for (std::int64_t c = 0; c < dim; ++c)
            want += o[static_cast<std::size_t>(c)] * in.w_out.value(0, 0, row, c);
          const auto at = static_cast<std::size_t>((b * layer.seq + i) * dim + row);
          // The factor 1/sqrt(d) is rounded to a float: half an ulp of scores that are below 100.
          ASSERT_NEAR(y[at], static_cast<double>(want), 1e-5) << at;
        }
      }
    }
  }
}

// gemm with bias and split, attention with a bool mask and a fill, gemm with bias.
std::vector<double> chained(const LayerProblem& layer, const LayerInputs& in) {
  Gemm qkv{.m = layer.batch * layer.seq, .n = 3 * layer.dim, .k = layer.dim, .transpose_b = true};
  qkv.has_bias = true;
  qkv.dtype = layer.dtype;
  OperandBalls operands{exact_balls(in.x), exact_balls(in.w_qkv), exact_balls(in.b_qkv), {}};
  operands.a.layout = buffer_layout(qkv, OperationBuffer::a);
  const OperationTerms projected = reference_operation(qkv, operands);
  Problem attention;
  attention.batch = layer.batch;
  attention.heads_q = attention.heads_kv = layer.heads;
  attention.seq_q = attention.seq_kv = layer.seq;
  attention.head_dim = attention.head_dim_v = layer.head_dim();
  attention.gap = {2 * layer.dim, 2 * layer.dim, 2 * layer.dim, 0};
  attention.mask.boolean = true;
  attention.fill = layer.fill;
  const auto slice = [&](Tensor tensor, std::int64_t part) {
    Balls balls{tensor_layout(attention, tensor), {}, {}};
    const auto first = projected.value.begin() + part * layer.dim;
    balls.value.assign(first, first + balls.layout.span_elements());
    return balls;
  };
  const AttentionBalls attended = attention_balls(
      attention, slice(Tensor::q, 0), slice(Tensor::k, 1), slice(Tensor::v, 2), in.mask);
  Gemm out{.m = qkv.m, .n = layer.dim, .k = layer.dim, .transpose_b = true};
  out.has_bias = true;
  operands = {Balls{buffer_layout(out, OperationBuffer::a), {}, {}},
              exact_balls(in.w_out),
              exact_balls(in.b_out),
              {}};
  // o is packed [batch, heads, seq, head_dim]; the gemm reads heads side by side.
  operands.a.value.resize(attended.terms.o.size());
  const TensorLayout side_by_side = tensor_layout(attention, Tensor::o);
  std::size_t at = 0;
  for (std::int64_t b = 0; b < layer.batch; ++b)
    for (std::int64_t h = 0; h < layer.heads; ++h)
      for (std::int64_t i = 0; i < layer.seq; ++i)
        for (std::int64_t c = 0; c < layer.head_dim(); ++c)
          operands.a.value[static_cast<std::size_t>(side_by_side.offset(b, h, i, c))] =
              attended.terms.o[at++];
  return reference_operation(out, operands).value;
}

TEST(ReferenceLayer, IsTheChainOfItsOperations) {
  for (const char* text : kLayers) {
    SCOPED_TRACE(text);
    const LayerProblem layer = parsed(text);
    const LayerInputs in = draw_layer(layer);
    const std::vector<double> whole = reference_layer(layer, in);
    const std::vector<double> chain = chained(layer, in);
    ASSERT_EQ(whole.size(), chain.size());
    for (std::size_t at = 0; at < whole.size(); ++at)
      ASSERT_NEAR(whole[at], chain[at], 1e-11) << at;
  }
}

}  // namespace
}  // namespace attest
