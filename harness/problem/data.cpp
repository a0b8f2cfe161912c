// draw_inputs: rows by recipe, the mask's tensors, the sink and the lengths.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"

#include "harness/problem/data_recipe.h"

namespace attest {
namespace {

HostTensor draw_tensor(const Drawing& drawing, Tensor tensor, Recipe::Fill fill) {
  HostTensor out = poisoned_tensor(tensor_layout(drawing.problem(), tensor));
  const auto& [batch, heads, rows, columns] = out.layout.shape;
  std::vector<double> values(static_cast<std::size_t>(columns));
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t s = 0; s < rows; ++s) {
        const Row at{b, h, s};
        fill(drawing, at, values);
        store_row(out, at, values);
      }
    }
  }
  return out;
}

/// One random bit per (batch, row of q, key).
std::vector<std::uint8_t> draw_keep(const Problem& problem) {
  std::vector<std::uint8_t> keep;
  keep.reserve(static_cast<std::size_t>(problem.batch * problem.seq_q * problem.seq_kv));
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      const RowBits bits(problem.seed, Stream::keep, {b, 0, i});
      std::uint64_t word = 0;
      for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
        if (j % 64 == 0) word = bits.word(static_cast<std::uint64_t>(j / 64));
        keep.push_back(static_cast<std::uint8_t>((word >> (j % 64)) & 1));
      }
    }
  }
  return keep;
}

/// About N(0, 1), another row for every head; small integers where all data is.
HostTensor draw_bias(const Problem& p) {
  TensorLayout layout;
  layout.dtype = p.dtype;
  layout.shape = {p.batch, p.heads_q, p.seq_q, p.seq_kv};
  layout.strides = {p.heads_q * p.seq_q * p.seq_kv, p.seq_q * p.seq_kv, p.seq_kv, 1};
  HostTensor bias = poisoned_tensor(layout);
  const bool is_integer = p.data.kind == DataKind::integers;
  std::vector<double> values(static_cast<std::size_t>(p.seq_kv));
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t h = 0; h < p.heads_q; ++h) {
      for (std::int64_t i = 0; i < p.seq_q; ++i) {
        const RowBits bits(p.seed, Stream::score_bias, {b, h, i});
        for (std::size_t j = 0; j < values.size(); ++j)
          values[j] = is_integer ? small_integer(bits.word(j)) : normal(bits.word(j));
        store_row(bias, {b, h, i}, values);
      }
    }
  }
  return bias;
}

/// About N(0, 4), so that a sink weighs as much as some keys together; integers where all data is.
std::vector<float> draw_sink(const Problem& p) {
  const RowBits bits(p.seed, Stream::sink, {});
  std::vector<float> sink;
  for (std::int64_t h = 0; h < p.heads_q; ++h) {
    const bool is_integer = p.data.kind == DataKind::integers;
    const double logit = is_integer ? bias_value(bits, h, true)
                                    : 2 * normal(bits.word(static_cast<std::uint64_t>(h)));
    sink.push_back(static_cast<float>(logit));
  }
  return sink;
}

}  // namespace

Inputs draw_inputs(const Problem& problem) {
  ATTEST_CHECK(validate(problem).has_value());
  const Drawing drawing(problem);
  const Recipe& rows = recipe(problem.data.kind);
  Inputs inputs;
  inputs.q = draw_tensor(drawing, Tensor::q, rows.q);
  inputs.k = draw_tensor(drawing, Tensor::k, rows.k);
  inputs.v = draw_tensor(drawing, Tensor::v, rows.v);
  if (problem.mask.boolean) inputs.keep = draw_keep(problem);
  if (problem.mask.bias) inputs.bias = draw_bias(problem);
  if (problem.sink) inputs.sink = draw_sink(problem);
  if (problem.mask.kv_lengths) {
    for (const std::int64_t length : *problem.mask.kv_lengths) {
      inputs.kv_lengths.push_back(static_cast<std::int32_t>(length));
    }
  }
  if (problem.data.kind == DataKind::poison) poison_hidden_keys(problem, inputs);
  return inputs;
}

}  // namespace attest
