// layer_single on the ptx executor against the layer written out in double.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/executor/ptx_executor.h"
#include "kernels/layer_launch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace attest {
namespace {

/// The inputs of a layer, exact in every dtype, and its answer.
struct Layer {
  LayerProblem problem;
  std::vector<double> x, w_qkv, b_qkv, w_out, b_out;
  std::vector<std::byte> mask;
  std::vector<double> y;          // exact
  std::vector<double> tolerance;  // of y
};

std::size_t at(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

/// Integers from -limit to limit, one of `every` not 0.
std::vector<double> integers(std::int64_t count,
                             std::int64_t limit,
                             std::uint64_t every,
                             std::uint64_t seed) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t bits = random_bits(seed, 1, static_cast<std::uint64_t>(i));
    const auto value =
        static_cast<double>(bits / every % at(2 * limit + 1)) - static_cast<double>(limit);
    values.push_back(bits % every == 0 ? value : 0);
  }
  return values;
}

std::vector<double> linear(const std::vector<double>& a,
                           const std::vector<double>& w,
                           const std::vector<double>& bias,
                           std::int64_t depth) {
  std::vector<double> c;
  for (std::size_t row = 0; row < a.size(); row += at(depth)) {
    for (std::size_t n = 0; n < bias.size(); ++n) {
      double sum = bias[n];
      for (std::size_t k = 0; k < at(depth); ++k)
        sum += a[row + k] * w[n * at(depth) + k];
      c.push_back(sum);
    }
  }
  return c;
}

/// o [batch, seq, dim] of qkv [batch, seq, 3 * dim].
std::vector<double> attention(const Layer& layer, const std::vector<double>& qkv) {
  const LayerProblem& p = layer.problem;
  const std::int64_t d = p.head_dim();
  const auto value = [&](std::int64_t part, std::int64_t row, std::int64_t column) {
    return qkv[at((row * 3 + part) * p.dim + column)];
  };
  std::vector<double> o(at(p.batch * p.seq * p.dim));
  for (std::int64_t row = 0; row < p.batch * p.seq; ++row) {
    const std::int64_t first = row / p.seq * p.seq;
    for (std::int64_t head = 0; head < p.heads; ++head) {
      std::vector<double> s;
      for (std::int64_t j = 0; j < p.seq; ++j) {
        double dot = 0;
        for (std::int64_t c = head * d; c < (head + 1) * d; ++c)
          dot += value(0, row, c) * value(1, first + j, c);
        const bool is_kept = layer.mask[at(row * p.seq + j)] != std::byte{0};
        s.push_back(is_kept ? dot / std::sqrt(static_cast<double>(d)) : p.fill);
        EXPECT_TRUE(!is_kept || std::fabs(s.back()) <= 64) << "see tolerance()";
      }
      const double m = *std::max_element(s.begin(), s.end());
      double l = 0;
      for (double& x : s)
        l += x = std::isinf(m) ? 0 : std::exp(x - m);
      for (std::int64_t c = head * d; c < (head + 1) * d; ++c) {
        double& sum = o[at(row * p.dim + c)];
        for (std::int64_t j = 0; j < p.seq; ++j)
          sum += l == 0 ? 0 : s[at(j)] / l * value(2, first + j, c);
      }
    }
  }
  return o;
}

/// q, k and v are integers that every dtype has, so the first product is exact. A weight is off by
/// u of its dtype; by three roundings of scores of at most 64 (2^-16) and by ex2 (2^-22), which the
/// sum has as well; or by 2^-25 of the largest, where f16 has no smaller. Sums of n terms on tensor
/// cores lose n 2^-23 of their magnitudes; o and y are rounded to the dtype.
std::vector<double> tolerance(const Layer& layer,
                              const std::vector<double>& qkv,
                              const std::vector<double>& o) {
  const LayerProblem& p = layer.problem;
  const double u = unit_roundoff(p.dtype);
  double largest = 0;
  for (const double x : qkv)
    largest = std::max(largest, std::fabs(x));
  const auto keys = static_cast<double>(p.seq);
  const double of_weights = 2 * (u + 0x1p-15) + keys * (0x1p-25 + 0x1p-23);
  const double of_o = (of_weights + 2 * u) * largest;
  const double of_sum = static_cast<double>(p.dim + 1) * 0x1p-23;
  std::vector<double> result;
  for (std::size_t row = 0; row < o.size(); row += at(p.dim)) {
    for (std::int64_t n = 0; n < p.dim; ++n) {
      double weight = 0;
      double size = std::fabs(layer.b_out[at(n)]);
      for (std::size_t k = 0; k < at(p.dim); ++k) {
        const double w = std::fabs(layer.w_out[at(n * p.dim) + k]);
        weight += w;
        size += w * std::fabs(o[row + k]);
      }
      result.push_back(weight * of_o + (of_sum + u) * (size + weight * of_o));
    }
  }
  return result;
}

void answer(Layer& layer) {
  const std::vector<double> qkv = linear(layer.x, layer.w_qkv, layer.b_qkv, layer.problem.dim);
  const std::vector<double> o = attention(layer, qkv);
  layer.y = linear(o, layer.w_out, layer.b_out, layer.problem.dim);
  layer.tolerance = tolerance(layer, qkv, o);
}

Layer draw(const LayerProblem& p) {
  Layer layer;
  layer.problem = p;
  const auto rows = p.batch * p.seq;
  // About dim / 16 products of 1 each: q, k and v stay below 2^8, scores below 64.
  layer.x = integers(rows * p.dim, 1, 4, 1);
  layer.w_qkv = integers(3 * p.dim * p.dim, 1, 4, 2);
  layer.b_qkv = integers(3 * p.dim, 2, 1, 3);
  layer.w_out = integers(p.dim * p.dim, 2, 4, 4);
  layer.b_out = integers(p.dim, 3, 1, 5);
  for (std::int64_t i = 0; i < rows * p.seq; ++i) {
    const bool is_hidden_row = i / p.seq % 7 == 3;
    const bool is_kept = random_bits(6, 1, static_cast<std::uint64_t>(i)) % 2 == 1;
    layer.mask.push_back(std::byte{static_cast<unsigned char>(is_kept && !is_hidden_row ? 1 : 0)});
  }
  return layer;
}

std::vector<std::byte> encoded(Dtype dtype, const std::vector<double>& values) {
  const auto width = at(size_bytes(dtype));
  std::vector<std::byte> bytes(values.size() * width);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto bits = encode(dtype, values[i]);
    std::memcpy(bytes.data() + i * width, &bits, width);  // little-endian
  }
  return bytes;
}

std::vector<double> decoded(Dtype dtype, const std::vector<std::byte>& bytes) {
  const auto width = at(size_bytes(dtype));
  std::vector<double> values;
  for (std::size_t i = 0; i < bytes.size(); i += width) {
    decltype(encode(dtype, 0.0)) bits = 0;
    std::memcpy(&bits, bytes.data() + i, width);
    values.push_back(decode(dtype, bits));
  }
  return values;
}

/// y, or nothing after a failure.
std::vector<double> run(const Layer& layer, const Mode& mode, std::int64_t multiprocessors) {
  const LayerProblem& p = layer.problem;
  EXPECT_EQ(refuse_layer(p), std::nullopt);
  Job job;
  job.mode = mode;
  std::vector<std::vector<std::byte>> inputs;
  for (const auto* values : {&layer.x, &layer.w_qkv, &layer.b_qkv, &layer.w_out, &layer.b_out})
    inputs.push_back(encoded(p.dtype, *values));
  inputs.push_back(layer.mask);
  const std::vector<std::string> names = {"x", "w_qkv", "b_qkv", "w_out", "b_out", "mask"};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto size = static_cast<std::int64_t>(inputs[i].size());
    job.buffers.push_back({names[i], BufferRole::input, size, 0, inputs[i]});
  }
  const std::int64_t y_bytes = p.batch * p.seq * p.dim * size_bytes(p.dtype);
  job.buffers.push_back({"y", BufferRole::output, y_bytes, 0, {}});
  for (const auto workspace : {LayerWorkspace::qkv, LayerWorkspace::o})
    job.buffers.push_back({"workspace", BufferRole::scratch, size_bytes(p, workspace), 0, {}});
  job.launches = {plan_layer_single(p, multiprocessors)};
  const auto execution = make_ptx_executor()->run(job);
  if (!execution) {
    ADD_FAILURE() << execution.error().to_string();
    return {};
  }
  for (const Finding& finding : execution->findings)
    ADD_FAILURE() << finding.message;
  EXPECT_EQ(execution->launches.size(), 1u);
  return decoded(p.dtype, execution->buffers[at(static_cast<int>(LayerBuffer::y))]);
}

LayerProblem problem(
    Dtype dtype, std::int64_t batch, std::int64_t seq, std::int64_t dim, std::int64_t heads) {
  LayerProblem p;
  p.dtype = dtype;
  p.batch = batch;
  p.seq = seq;
  p.dim = dim;
  p.heads = heads;
  return p;
}

void expect_within_tolerance(const Layer& layer,
                             const Mode& mode = {},
                             std::int64_t multiprocessors = kLayerMultiprocessors) {
  const std::vector<double> y = run(layer, mode, multiprocessors);
  ASSERT_EQ(y.size(), layer.y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_TRUE(std::fabs(y[i] - layer.y[i]) <= layer.tolerance[i])
        << "element " << i << ": " << y[i] << ", exactly " << layer.y[i] << " up to "
        << layer.tolerance[i];
  }
}

TEST(LayerSingle, IsTheLayerForOneHeadAndForFour) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    for (const std::int64_t heads : {1, 4}) {
      Layer layer = draw(problem(dtype, 2, 70, 96, heads));
      answer(layer);
      SCOPED_TRACE(std::string(name(dtype)) + ", heads: " + std::to_string(heads));
      expect_within_tolerance(layer);
    }
  }
}

TEST(LayerSingle, IsTheLayerForEveryEntry) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    for (const std::int64_t dim : {136, 520}) {
      Layer layer = draw(problem(dtype, 1, 19, dim, 1));
      answer(layer);
      SCOPED_TRACE(std::string(name(dtype)) + ", dim: " + std::to_string(dim));
      expect_within_tolerance(layer);
    }
  }
}

TEST(LayerSingle, LeavesHiddenKeysOutWithAFillOfMinusInfinity) {
  LayerProblem p = problem(Dtype::f16, 1, 70, 64, 2);
  p.fill = -std::numeric_limits<double>::infinity();
  Layer layer = draw(p);
  answer(layer);
  expect_within_tolerance(layer);
}

/// The grid waits: fewer blocks than tiles, and blocks that run by turns in a drawn order.
TEST(LayerSingle, IsTheLayerWhateverTheOrderOfBlocks) {
  Layer layer = draw(problem(Dtype::f16, 2, 70, 64, 4));
  answer(layer);
  for (const std::uint64_t schedule : {1, 2, 3})
    expect_within_tolerance(layer, {.schedule = schedule}, 2);
}

/// All scores are 0 and every row keeps 16 keys, so that o is a mean of 16 integers, and y exact but
/// for its own rounding.
TEST(LayerSingle, IsExactWhereEveryWeightIsOneSixteenth) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    Layer layer = draw(problem(dtype, 2, 70, 64, 4));
    const LayerProblem& p = layer.problem;
    const std::int64_t keys = p.dim * p.dim;  // w_qkv's and b_qkv's middle third makes k
    std::fill_n(layer.w_qkv.begin() + keys, keys, 0.0);
    std::fill_n(layer.b_qkv.begin() + p.dim, p.dim, 0.0);
    for (std::int64_t i = 0; i < p.batch * p.seq * p.seq; ++i) {
      const std::int64_t j = (i % p.seq + 5 * (i / p.seq)) % p.seq;
      layer.mask[at(i)] = std::byte{static_cast<unsigned char>(j % 4 == 1 && j < 64 ? 1 : 0)};
    }
    answer(layer);
    const std::vector<double> y = run(layer, {}, kLayerMultiprocessors);
    ASSERT_EQ(y.size(), layer.y.size());
    for (std::size_t i = 0; i < y.size(); ++i)
      ASSERT_EQ(y[i], decode(dtype, encode(dtype, layer.y[i]))) << name(dtype) << " " << i;
  }
}

}  // namespace
}  // namespace attest
