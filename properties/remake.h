// Inputs made anew from others: tensors row by row or by a formula, and the keys that a row keeps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace attest {

struct RowAt {
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t row = 0;
};

/// A tensor of `problem`; its row at `to` is row source(to) of `from`.
using RowSource = std::function<RowAt(const RowAt& to)>;
[[nodiscard]] HostTensor remake_rows(const Problem& problem,
                                     Tensor tensor,
                                     const HostTensor& from,
                                     const RowSource& source);

/// A tensor of `problem` with value(row, column), rounded to the dtype.
using ElementValue = std::function<double(const RowAt& at, std::int64_t column)>;
[[nodiscard]] HostTensor remake_values(const Problem& problem,
                                       Tensor tensor,
                                       const ElementValue& value);

/// The boolean mask of `problem`, kept(batch, row, key); empty without `bool`.
using IsKept = std::function<bool(std::int64_t batch, std::int64_t row, std::int64_t key)>;
[[nodiscard]] std::vector<std::uint8_t> remake_keep(const Problem& problem, const IsKept& is_kept);
/// Whether the boolean mask keeps a key; true without one.
[[nodiscard]] bool tensor_keeps(const Problem& problem,
                                const Inputs& inputs,
                                std::int64_t batch,
                                std::int64_t row,
                                std::int64_t key);
/// kv_lengths of the problem's mask, as Inputs holds them.
[[nodiscard]] std::vector<std::int32_t> lengths_of(const Problem& problem);

/// Keys that every part of the mask keeps, ascending.
[[nodiscard]] std::vector<std::int64_t> kept_by_all(const Problem& problem,
                                                    const Inputs& inputs,
                                                    std::int64_t batch,
                                                    std::int64_t row);

/// Place of a row in LSE, and of its first element in packed O / head_dim_v.
[[nodiscard]] std::size_t row_index(const Problem& problem, const RowAt& at);
/// Calls visit(row) for every row of the outputs, in row-major order.
void for_each_output_row(const Problem& problem, const std::function<void(const RowAt&)>& visit);
/// O and LSE of one row of `from` to a row of `to`.
void copy_output_row(const Problem& of_to,
                     Outputs& to,
                     const RowAt& to_row,
                     const Problem& of_from,
                     const Outputs& from,
                     const RowAt& from_row);

/// A permutation of 0 .. count-1.
[[nodiscard]] std::vector<std::int64_t> permutation(std::int64_t count,
                                                    std::uint64_t seed,
                                                    std::uint64_t stream);

/// Largest finite magnitude of a tensor.
[[nodiscard]] double largest_magnitude(const HostTensor& tensor);

[[nodiscard]] bool hides_by_minus_infinity(const Problem& problem);
[[nodiscard]] double smallest_normal(Dtype dtype);

}  // namespace attest
