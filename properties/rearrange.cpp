// Copies of tensors, element by element, so that strides, gaps and layouts do not matter.
// SPDX-License-Identifier: Apache-2.0
#include "properties/rearrange.h"

#include "harness/base/check.h"
#include "harness/base/rng.h"
#include "properties/remake.h"

#include <algorithm>
#include <vector>

namespace attest {
namespace {

void copy_row(HostTensor& to,
              std::int64_t to_batch,
              std::int64_t to_row,
              const HostTensor& from,
              std::int64_t from_batch,
              std::int64_t from_row) {
  const auto& [batch, heads, rows, columns] = to.layout.shape;
  for (std::int64_t h = 0; h < heads; ++h) {
    for (std::int64_t d = 0; d < columns; ++d) {
      to.set_bits(to_batch, h, to_row, d, from.bits(from_batch, h, from_row, d));
    }
  }
}

void copy_batch(HostTensor& to,
                std::int64_t to_batch,
                const HostTensor& from,
                std::int64_t from_batch) {
  for (std::int64_t s = 0; s < to.layout.shape[2]; ++s) {
    copy_row(to, to_batch, s, from, from_batch, s);
  }
}

HostTensor only_batch(const Problem& alone, Tensor tensor, const HostTensor& all, std::int64_t b) {
  HostTensor out = poisoned_tensor(tensor_layout(alone, tensor));
  copy_batch(out, 0, all, b);
  return out;
}

/// One batch of a packed array whose slowest dimension is the batch.
template <class T>
std::vector<T> slice(const std::vector<T>& all, std::int64_t batches, std::int64_t batch) {
  const std::int64_t each = static_cast<std::int64_t>(all.size()) / batches;
  return {all.begin() + batch * each, all.begin() + (batch + 1) * each};
}

}  // namespace

Problem only_batch(const Problem& problem, std::int64_t batch) {
  ATTEST_CHECK(batch >= 0 && batch < problem.batch);
  Problem alone = problem;
  alone.batch = 1;
  if (problem.mask.kv_lengths) alone.mask.kv_lengths = {{kv_length(problem, batch)}};
  return alone;
}

Inputs only_batch(const Problem& problem, const Inputs& inputs, std::int64_t batch) {
  const Problem alone = only_batch(problem, batch);
  Inputs out;
  out.q = only_batch(alone, Tensor::q, inputs.q, batch);
  out.k = only_batch(alone, Tensor::k, inputs.k, batch);
  out.v = only_batch(alone, Tensor::v, inputs.v, batch);
  out.keep = slice(inputs.keep, problem.batch, batch);
  out.kv_lengths = slice(inputs.kv_lengths, problem.batch, batch);
  return out;
}

Inputs drawn_around(const Problem& other, const Inputs& inputs, std::int64_t batch) {
  Inputs out = draw_inputs(other);
  copy_batch(out.q, batch, inputs.q, batch);
  copy_batch(out.k, batch, inputs.k, batch);
  copy_batch(out.v, batch, inputs.v, batch);
  const std::vector<std::uint8_t> keep = slice(inputs.keep, other.batch, batch);
  std::copy(
      keep.begin(), keep.end(), out.keep.begin() + batch * static_cast<std::int64_t>(keep.size()));
  return out;
}

Inputs redraw_others(const Problem& problem, const Inputs& inputs, std::int64_t batch) {
  Problem other = problem;
  other.seed = derive_seed(problem.seed, static_cast<std::uint64_t>(batch) + 1);
  return drawn_around(other, inputs, batch);
}

void copy_batch(Outputs& to, std::int64_t to_batch, const Outputs& from, std::int64_t from_batch) {
  copy_batch(to.o, to_batch, from.o, from_batch);
  const std::vector<float> lse = slice(from.lse, from.o.layout.shape[0], from_batch);
  std::copy(
      lse.begin(), lse.end(), to.lse.begin() + to_batch * static_cast<std::int64_t>(lse.size()));
}

Inputs permute_keys(const Problem& problem, const Inputs& inputs, std::uint64_t seed) {
  Inputs out = inputs;
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    const auto order = permutation(kv_length(problem, b), seed, static_cast<std::uint64_t>(b));
    for (std::size_t j = 0; j < order.size(); ++j) {
      const auto to = static_cast<std::int64_t>(j);
      copy_row(out.k, b, to, inputs.k, b, order[j]);
      copy_row(out.v, b, to, inputs.v, b, order[j]);
      if (inputs.keep.empty()) continue;
      for (std::int64_t i = 0; i < problem.seq_q; ++i) {
        const std::int64_t row = (b * problem.seq_q + i) * problem.seq_kv;
        out.keep[static_cast<std::size_t>(row + to)] =
            inputs.keep[static_cast<std::size_t>(row + order[j])];
      }
    }
  }
  return out;
}

bool is_free_of_positions(const Problem& problem) {
  return !problem.mask.causal && !problem.mask.window;
}

Problem without_positions(const Problem& problem, std::uint64_t /*bits*/) {
  Problem out = problem;
  out.mask.causal.reset();
  out.mask.window.reset();
  return out;
}

}  // namespace attest
