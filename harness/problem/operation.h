// Operation: what one launch of a layer's pipeline computes, attention itself apart.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/dtype.h"
#include "harness/problem/problem.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace attest {

/// How a tensor [batch, heads, rows, columns] lies: heads outside the rows (bhsd) or inside them
/// (bshd), and elements between its rows. A packed qkv holds q as bshd with a gap of 2 * heads *
/// columns.
struct Placement {
  Layout layout = Layout::bhsd;
  std::int64_t gap = 0;  // elements added to the row stride
  friend bool operator==(const Placement&, const Placement&) = default;
};

/// C = alpha * A B, + bias[column], then fill where the mask is 0; batch * heads matrices.
/// `gemm(b=2,h=8,m=128,n=128,k=64,tb=1,alpha=0.125,mask=1,dtype=f16,seed=7)`
struct Gemm {
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  bool transpose_a = false;  // A lies as [.., k, m]
  bool transpose_b = false;  // B lies as [.., n, k], as the weight of a linear layer does
  Placement a{}, b{}, c{};   // of A [.., m, k], B [.., k, n] (as they lie) and C [.., m, n]
  double alpha = 1;          // a float that the kernel receives
  bool has_bias = false;     // one value per column
  std::int64_t split = 1;    // C is this many tensors of n / split columns, placed alike
  bool has_mask = false;     // [batch, 1, m, n] bytes; 0: the result is `fill`
  double fill = -1000;
  Dtype dtype = Dtype::f16;
  Data data{};
  std::uint64_t seed = 0;
  friend bool operator==(const Gemm&, const Gemm&) = default;
};

/// P = softmax over the columns of (mask ? scale * S : fill). Without a mask and with scale 1 it is
/// softmax alone. `mask_softmax(b=2,h=8,m=128,n=128,scale=0.125,mask=1,fill=-1000,seed=7)`
struct MaskSoftmax {
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t m = 1;
  std::int64_t n = 1;
  double scale = 1;
  bool has_mask = false;  // [batch, 1, m, n] bytes
  double fill = -1000;
  Dtype dtype = Dtype::f16;
  Data data{};
  std::uint64_t seed = 0;
  friend bool operator==(const MaskSoftmax&, const MaskSoftmax&) = default;
};

/// Y = X + bias[column], as `split` packed tensors [m, n / split].
/// `bias_split(m=128,n=1536,split=3,dtype=f16,seed=7)`
struct BiasSplit {
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t split = 1;
  Dtype dtype = Dtype::f16;
  Data data{};
  std::uint64_t seed = 0;
  friend bool operator==(const BiasSplit&, const BiasSplit&) = default;
};

/// One elementwise step of the unfused layer on packed tensors [batch, heads, m, n].
enum class ElementwiseKind : std::uint8_t {
  scale,        // Y = alpha * X
  equals_zero,  // Y = (mask == 0), bytes [batch, 1, m, n]
  masked_fill,  // Y = mask != 0 ? alpha : X; mask [batch, 1, m, n] bytes, alpha the fill
};
inline constexpr std::array kElementwiseKinds = {
    ElementwiseKind::scale, ElementwiseKind::equals_zero, ElementwiseKind::masked_fill};
[[nodiscard]] std::string_view name(ElementwiseKind kind);

/// `elementwise(op=masked_fill,b=2,h=8,m=128,n=128,alpha=-1000,dtype=f16,seed=7)`
struct Elementwise {
  ElementwiseKind kind = ElementwiseKind::scale;
  std::int64_t batch = 1;
  std::int64_t heads = 1;
  std::int64_t m = 1;
  std::int64_t n = 1;
  double alpha = 1;
  Dtype dtype = Dtype::f16;
  Data data{};
  std::uint64_t seed = 0;
  friend bool operator==(const Elementwise&, const Elementwise&) = default;
};

using Operation = std::variant<Gemm, MaskSoftmax, BiasSplit, Elementwise>;

/// The buffers that an operation's launch may name in Relocation::buffer. One operand: `a`. Bytes:
/// `mask`. Outputs: `c`, and `c1`, `c2` of a split.
enum class OperationBuffer : int { a, b, bias, mask, c, c1, c2 };
inline constexpr int kOperationBuffers = 7;
inline constexpr std::array kOperationBufferList = {OperationBuffer::a,
                                                    OperationBuffer::b,
                                                    OperationBuffer::bias,
                                                    OperationBuffer::mask,
                                                    OperationBuffer::c,
                                                    OperationBuffer::c1,
                                                    OperationBuffer::c2};
inline constexpr std::int64_t kMaxSplit = 3;
[[nodiscard]] std::string_view name(OperationBuffer buffer);

/// One line, keys in the order of the struct, defaults not printed.
[[nodiscard]] std::string to_string(const Gemm& gemm);
[[nodiscard]] std::string to_string(const MaskSoftmax& softmax);
[[nodiscard]] std::string to_string(const BiasSplit& bias_split);
[[nodiscard]] std::string to_string(const Elementwise& elementwise);
[[nodiscard]] std::string to_string(const Operation& operation);
/// Inverse of to_string. Errors  as parse_problem: sizes of at least 1, n a multiple of split, a
/// fill that is finite, and finite in the dtype where it is stored, data that the operation draws,
/// at most kMaxElements in a tensor.
Result<Operation> parse_operation(std::string_view text);
/// What parse_operation checks of the values, for operations made in code.
Status validate(const Operation& operation);

[[nodiscard]] Dtype dtype(const Operation& operation);
[[nodiscard]] std::uint64_t seed(const Operation& operation);
/// Batch, heads, m and n of the result, all its splits together.
[[nodiscard]] std::array<std::int64_t, 4> result_shape(const Operation& operation);
/// Number of tensors that hold the result.
[[nodiscard]] std::int64_t split(const Operation& operation);
/// Whether the operation reads or writes this buffer at all.
[[nodiscard]] bool has_buffer(const Operation& operation, OperationBuffer buffer);
/// True of the mask, and of the result of equals_zero: one byte an element, packed [batch, 1, m,
/// n].
[[nodiscard]] bool holds_bytes(const Operation& operation, OperationBuffer buffer);
/// How a buffer of numbers lies: a and b as in memory, so [.., k, m] for a transposed A; the bias
/// [1, 1, 1, n]; each part of C [batch, heads, m, n / split]. Only for a buffer that the operation
/// has, bytes apart.
[[nodiscard]] TensorLayout buffer_layout(const Operation& operation, OperationBuffer buffer);
/// Bytes from the first to the last that is addressed; 0 for a buffer that the operation lacks.
[[nodiscard]] std::int64_t buffer_bytes(const Operation& operation, OperationBuffer buffer);

}  // namespace attest
