// What follows directly from the fields of a layer: names and layouts.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/layer.h"

#include "harness/base/check.h"

namespace attest {
namespace {

TensorLayout packed(Dtype dtype, const std::array<std::int64_t, 4>& shape) {
  const auto [batch, heads, rows, columns] = shape;
  return {dtype, shape, {heads * rows * columns, rows * columns, columns, 1}, 0};
}

}  // namespace

std::string_view name(LayerBuffer buffer) {
  constexpr std::array<std::string_view, kLayerBuffers> kNames = {
      "x", "w_qkv", "b_qkv", "w_out", "b_out", "mask", "y"};
  return kNames.at(static_cast<std::size_t>(buffer));
}

TensorLayout buffer_layout(const LayerProblem& layer, LayerBuffer buffer) {
  switch (buffer) {
    case LayerBuffer::x:
    case LayerBuffer::y:
      return packed(layer.dtype, {layer.batch, 1, layer.seq, layer.dim});
    case LayerBuffer::w_qkv:
      return packed(layer.dtype, {1, 1, 3 * layer.dim, layer.dim});
    case LayerBuffer::b_qkv:
      return packed(layer.dtype, {1, 1, 1, 3 * layer.dim});
    case LayerBuffer::w_out:
      return packed(layer.dtype, {1, 1, layer.dim, layer.dim});
    case LayerBuffer::b_out:
      return packed(layer.dtype, {1, 1, 1, layer.dim});
    case LayerBuffer::mask:
      break;
  }
  fail_check("the buffer holds numbers", __FILE__, __LINE__);
}

std::int64_t buffer_bytes(const LayerProblem& layer, LayerBuffer buffer) {
  if (buffer == LayerBuffer::mask) return layer.batch * layer.seq * layer.seq;
  const TensorLayout layout = buffer_layout(layer, buffer);
  return layout.span_elements() * size_bytes(layout.dtype);
}

}  // namespace attest
