// draw_layer: activations, weights, biases, and the mask written out as bytes.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.h"
#include "harness/problem/data_rows.h"
#include "harness/problem/operation_data.h"

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

/// Rows of small integers, or of N(0, deviation^2).
HostTensor draw_rows(const LayerProblem& layer,
                     LayerBuffer buffer,
                     Stream stream,
                     double deviation) {
  HostTensor out = poisoned_tensor(buffer_layout(layer, buffer));
  const auto [batch, heads, rows, columns] = out.layout.shape;
  const bool is_integer = layer.data.kind == DataKind::integers;
  std::vector<double> values(static_cast<std::size_t>(columns));
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t i = 0; i < rows; ++i) {
      const RowBits bits(layer.seed, stream, {b, 0, i});
      for (std::size_t j = 0; j < values.size(); ++j) {
        values[j] = is_integer ? small_integer(bits.word(j)) : deviation * normal(bits.word(j));
      }
      store_row(out, {b, 0, i}, values);
    }
  }
  return out;
}

HostTensor draw_bias(const LayerProblem& layer, LayerBuffer buffer, Stream stream) {
  HostTensor out = poisoned_tensor(buffer_layout(layer, buffer));
  const RowBits bits(layer.seed, stream, {});
  std::vector<double> values;
  for (std::int64_t j = 0; j < out.layout.shape[3]; ++j)
    values.push_back(bias_value(bits, j, layer.data.kind == DataKind::integers));
  store_row(out, {}, values);
  return out;
}

/// first <= key <= last, of the keys that one query keeps, boolean part apart.
struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

Range kept_range(const LayerProblem& layer, std::int64_t batch, std::int64_t query) {
  const Mask& mask = layer.mask;
  const std::int64_t keys =
      mask.kv_lengths ? mask.kv_lengths->at(static_cast<std::size_t>(batch)) : layer.seq;
  const auto diagonal = [&](Alignment alignment) {
    return alignment == Alignment::top_left ? query : query + keys - layer.seq;
  };
  Range range{0, keys - 1};
  if (mask.causal) range.last = std::min(range.last, diagonal(*mask.causal));
  if (mask.window) {
    const std::int64_t centre = diagonal(mask.window->alignment);
    if (mask.window->left >= 0) range.first = std::max(range.first, centre - mask.window->left);
    if (mask.window->right >= 0) range.last = std::min(range.last, centre + mask.window->right);
  }
  return range;
}

std::vector<std::uint8_t> mask_bytes(const LayerProblem& layer) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(buffer_bytes(layer, LayerBuffer::mask)));
  for (std::int64_t b = 0; b < layer.batch; ++b) {
    for (std::int64_t i = 0; i < layer.seq; ++i) {
      const RowBits bits(layer.seed, Stream::keep, {b, 0, i});
      const Range range = kept_range(layer, b, i);
      for (std::int64_t j = 0; j < layer.seq; ++j) {
        const bool is_in_range = j >= range.first && j <= range.last;
        bytes.push_back(is_in_range && (!layer.mask.boolean || coin(bits, j)) ? 1 : 0);
      }
    }
  }
  return bytes;
}

}  // namespace

LayerInputs draw_layer(const LayerProblem& layer) {
  ATTEST_CHECK(validate(layer).has_value());
  const double weight = 1 / std::sqrt(static_cast<double>(layer.dim));
  LayerInputs out;
  out.x = draw_rows(layer, LayerBuffer::x, Stream::x, layer.data.amplitude);
  out.w_qkv = draw_rows(layer, LayerBuffer::w_qkv, Stream::w_qkv, weight);
  out.b_qkv = draw_bias(layer, LayerBuffer::b_qkv, Stream::b_qkv);
  out.w_out = draw_rows(layer, LayerBuffer::w_out, Stream::w_out, weight);
  out.b_out = draw_bias(layer, LayerBuffer::b_out, Stream::b_out);
  out.mask = mask_bytes(layer);
  return out;
}

}  // namespace attest
