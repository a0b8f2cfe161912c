// poison_hidden_keys, with a mask evaluation of its own: intervals of rows, not pairs.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"
#include "harness/problem/data_rows.h"

#include <algorithm>
#include <limits>

namespace attest {
namespace {

std::int64_t offset(const Problem& problem, Alignment alignment, std::int64_t batch) {
  return alignment == Alignment::top_left ? 0 : kv_length(problem, batch) - problem.seq_q;
}

/// Whether any row of q keeps this key, which the padding does not hide.
bool is_kept(const Problem& problem, const Inputs& inputs, std::int64_t batch, std::int64_t key) {
  std::int64_t first = 0;  // the rows that causal and window leave: first <= i <= last
  std::int64_t last = problem.seq_q - 1;
  const Mask& mask = problem.mask;
  if (mask.causal) first = std::max(first, key - offset(problem, *mask.causal, batch));
  if (mask.window) {
    const std::int64_t diagonal = key - offset(problem, mask.window->alignment, batch);
    if (mask.window->right >= 0) first = std::max(first, diagonal - mask.window->right);
    if (mask.window->left >= 0) last = std::min(last, diagonal + mask.window->left);
  }
  if (!mask.boolean) return first <= last;
  for (std::int64_t i = first; i <= last; ++i) {
    const std::int64_t at = (batch * problem.seq_q + i) * problem.seq_kv + key;
    if (inputs.keep[static_cast<std::size_t>(at)] != 0) return true;
  }
  return false;
}

/// A third each: NaN, +Inf, -Inf.
double not_finite(std::uint64_t word) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch ((word >> 32) * 3 >> 32) {
    case 0:
      return std::numeric_limits<double>::quiet_NaN();
    case 1:
      return kInfinity;
    default:
      return -kInfinity;
  }
}

void overwrite(
    HostTensor& tensor, const Problem& problem, Stream stream, const Row& at, bool is_padding) {
  const RowBits bits(problem.seed, stream, at);
  const double largest = largest_finite(tensor.layout.dtype);
  std::vector<double> values(static_cast<std::size_t>(tensor.layout.shape[3]));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t word = bits.word(i);
    values[i] = is_padding ? not_finite(word) : (word >> 63 != 0 ? -largest : largest);
  }
  store_row(tensor, at, values);
}

}  // namespace

void poison_hidden_keys(const Problem& problem, Inputs& inputs) {
  if (problem.fill != -std::numeric_limits<double>::infinity()) return;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
      const bool is_padding = j >= kv_length(problem, b);
      if (!is_padding && is_kept(problem, inputs, b, j)) continue;
      for (std::int64_t h = 0; h < problem.heads_kv; ++h) {
        overwrite(inputs.k, problem, Stream::poison_k, {b, h, j}, is_padding);
        overwrite(inputs.v, problem, Stream::poison_v, {b, h, j}, is_padding);
      }
    }
  }
}

}  // namespace attest
