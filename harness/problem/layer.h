// LayerProblem: one self-attention layer, from x to y, as a value that prints as one line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"
#include "harness/problem/problem.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace attest {

/// x [batch, seq, dim]; q, k, v = slices of x W_qkv^T + b_qkv; scores = q k^T / sqrt(dim / heads);
/// the factor rounded to a float; where the mask is 0 the score is `fill`; softmax; o = P v; y = o W_out^T + b_out.
/// `layer(b=2,s=128,d=512,h=8,dtype=f16,mask=padding(96,128),fill=-1000,seed=0x2a)`
struct LayerProblem {
  std::int64_t batch = 1;
  std::int64_t seq = 0;
  std::int64_t dim = 512;
  std::int64_t heads = 1;
  Dtype dtype = Dtype::f16;
  Mask mask{};  // what the operand holds; nothing: all ones
  double fill = -1000;
  Data data{};
  std::uint64_t seed = 0;
  friend bool operator==(const LayerProblem&, const LayerProblem&) = default;

  [[nodiscard]] std::int64_t head_dim() const { return dim / heads; }
};

/// The tensors of a layer, in memory packed and row-major.
enum class LayerBuffer : int {
  x,      // [batch, seq, dim]
  w_qkv,  // [3 * dim, dim]: rows of q, then of k, then of v; each in order of heads
  b_qkv,  // [3 * dim]
  w_out,  // [dim, dim]
  b_out,  // [dim]
  mask,   // [batch, seq, seq] bytes, 1 = kept
  y,      // [batch, seq, dim]
};
inline constexpr int kLayerBuffers = 7;
inline constexpr std::array kLayerBufferList = {LayerBuffer::x,
                                                LayerBuffer::w_qkv,
                                                LayerBuffer::b_qkv,
                                                LayerBuffer::w_out,
                                                LayerBuffer::b_out,
                                                LayerBuffer::mask,
                                                LayerBuffer::y};
[[nodiscard]] std::string_view name(LayerBuffer buffer);

/// One line, keys in the order of the struct, defaults not printed; s has no default.
[[nodiscard]] std::string to_string(const LayerProblem& layer);
/// Inverse of to_string. Errors  as parse_problem: sizes of at least 1, heads a divisor of dim, a
/// finite fill, data normal or integers, at most kMaxElements in a tensor, scores included.
Result<LayerProblem> parse_layer(std::string_view text);
/// What parse_layer checks of the values, for layers made in code.
Status validate(const LayerProblem& layer);

/// How a buffer of numbers lies, packed: x and y [batch, 1, seq, dim], weights [1, 1, rows,
/// columns], biases [1, 1, 1, columns]. Not for the mask.
[[nodiscard]] TensorLayout buffer_layout(const LayerProblem& layer, LayerBuffer buffer);
[[nodiscard]] std::int64_t buffer_bytes(const LayerProblem& layer, LayerBuffer buffer);

}  // namespace attest
