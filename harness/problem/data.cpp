// draw_inputs: rows by recipe, the boolean mask and the lengths.
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
  if (problem.mask.kv_lengths) {
    for (const std::int64_t length : *problem.mask.kv_lengths) {
      inputs.kv_lengths.push_back(static_cast<std::int32_t>(length));
    }
  }
  if (problem.data.kind == DataKind::poison) poison_hidden_keys(problem, inputs);
  return inputs;
}

}  // namespace attest
