// Element by element, so that strides, gaps and layouts do not matter.
// SPDX-License-Identifier: Apache-2.0
#include "properties/remake.h"

#include "harness/base/rng.h"
#include "properties/kept_keys.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace attest {
namespace {

void for_each_row_of(const HostTensor& tensor, const std::function<void(const RowAt&)>& visit) {
  const auto& [batch, heads, rows, columns] = tensor.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t s = 0; s < rows; ++s)
        visit({b, h, s});
    }
  }
}

}  // namespace

HostTensor remake_rows(const Problem& problem,
                       Tensor tensor,
                       const HostTensor& from,
                       const RowSource& source) {
  HostTensor out = poisoned_tensor(tensor_layout(problem, tensor));
  for_each_row_of(out, [&](const RowAt& to) {
    const RowAt at = source(to);
    for (std::int64_t d = 0; d < out.layout.shape[3]; ++d) {
      out.set_bits(to.batch, to.head, to.row, d, from.bits(at.batch, at.head, at.row, d));
    }
  });
  return out;
}

HostTensor remake_values(const Problem& problem, Tensor tensor, const ElementValue& value) {
  HostTensor out = poisoned_tensor(tensor_layout(problem, tensor));
  for_each_row_of(out, [&](const RowAt& at) {
    for (std::int64_t d = 0; d < out.layout.shape[3]; ++d) {
      out.set_bits(at.batch, at.head, at.row, d, encode(out.layout.dtype, value(at, d)));
    }
  });
  return out;
}

std::vector<std::uint8_t> remake_keep(const Problem& problem, const IsKept& is_kept) {
  std::vector<std::uint8_t> keep;
  if (!problem.mask.boolean) return keep;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t i = 0; i < problem.seq_q; ++i) {
      for (std::int64_t j = 0; j < problem.seq_kv; ++j)
        keep.push_back(static_cast<std::uint8_t>(is_kept(b, i, j)));
    }
  }
  return keep;
}

bool tensor_keeps(const Problem& problem,
                  const Inputs& inputs,
                  std::int64_t batch,
                  std::int64_t row,
                  std::int64_t key) {
  if (inputs.keep.empty()) return true;
  const std::int64_t at = (batch * problem.seq_q + row) * problem.seq_kv + key;
  return inputs.keep[static_cast<std::size_t>(at)] != 0;
}

std::vector<std::int32_t> lengths_of(const Problem& problem) {
  std::vector<std::int32_t> out;
  if (!problem.mask.kv_lengths) return out;
  for (const std::int64_t length : *problem.mask.kv_lengths)
    out.push_back(static_cast<std::int32_t>(length));
  return out;
}

std::vector<std::int64_t> kept_by_all(const Problem& problem,
                                      const Inputs& inputs,
                                      std::int64_t batch,
                                      std::int64_t row) {
  std::vector<std::int64_t> keys;
  const KeptRange range = kept_keys(problem, batch, row);
  for (std::int64_t j = range.first; j < range.end; ++j) {
    if (tensor_keeps(problem, inputs, batch, row, j)) keys.push_back(j);
  }
  return keys;
}

std::size_t row_index(const Problem& problem, const RowAt& at) {
  return static_cast<std::size_t>((at.batch * problem.heads_q + at.head) * problem.seq_q + at.row);
}

void for_each_output_row(const Problem& problem, const std::function<void(const RowAt&)>& visit) {
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads_q; ++h) {
      for (std::int64_t i = 0; i < problem.seq_q; ++i)
        visit({b, h, i});
    }
  }
}

void copy_output_row(const Problem& of_to,
                     Outputs& to,
                     const RowAt& to_row,
                     const Problem& of_from,
                     const Outputs& from,
                     const RowAt& from_row) {
  to.lse[row_index(of_to, to_row)] = from.lse[row_index(of_from, from_row)];
  for (std::int64_t d = 0; d < of_to.head_dim_v; ++d) {
    to.o.set_bits(to_row.batch,
                  to_row.head,
                  to_row.row,
                  d,
                  from.o.bits(from_row.batch, from_row.head, from_row.row, d));
  }
}

std::vector<std::int64_t> permutation(std::int64_t count,
                                      std::uint64_t seed,
                                      std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random_bits(seed, stream, i) % i]);
  }
  return order;
}

double largest_magnitude(const HostTensor& tensor) {
  double largest = 0;
  for_each_row_of(tensor, [&](const RowAt& at) {
    for (std::int64_t d = 0; d < tensor.layout.shape[3]; ++d) {
      const double value = std::fabs(tensor.value(at.batch, at.head, at.row, d));
      if (std::isfinite(value)) largest = std::max(largest, value);
    }
  });
  return largest;
}

bool hides_by_minus_infinity(const Problem& problem) {
  return problem.fill == -std::numeric_limits<double>::infinity();
}

double smallest_normal(Dtype dtype) {
  return smallest_subnormal(dtype) / (2 * unit_roundoff(dtype));
}

}  // namespace attest
