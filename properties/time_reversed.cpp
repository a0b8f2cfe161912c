// Rows and keys in reverse order, with the mask turned round, give the rows of O in reverse order.
// SPDX-License-Identifier: Apache-2.0
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <utility>

namespace attest {
namespace {

Alignment opposite(Alignment alignment) {
  return alignment == Alignment::top_left ? Alignment::bottom_right : Alignment::top_left;
}

/// With i' = seq_q - 1 - i and j' = kv_len - 1 - j, j' - i' = (kv_len - seq_q) - (j - i): left and
/// right change places, and so do the two alignments.
Mask turned(const Mask& mask) {
  Mask out = mask;
  if (mask.causal) out.window = Window{.left = 0, .right = -1, .alignment = opposite(*mask.causal)};
  out.causal.reset();
  if (mask.window) {
    out.window = Window{.left = mask.window->right,
                        .right = mask.window->left,
                        .alignment = opposite(mask.window->alignment)};
  }
  return out;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Problem reversed = problem;
  reversed.mask = turned(problem.mask);
  const auto of_query = [&problem](const RowAt& to) {
    return RowAt{to.batch, to.head, problem.seq_q - 1 - to.row};
  };
  const auto key_of = [&problem](std::int64_t batch, std::int64_t key) {
    const std::int64_t length = kv_length(problem, batch);
    return key < length ? length - 1 - key : key;
  };
  const RowSource of_key = [&key_of](const RowAt& to) {
    return RowAt{to.batch, to.head, key_of(to.batch, to.row)};
  };
  Inputs turned_round = inputs;
  turned_round.q = remake_rows(reversed, Tensor::q, inputs.q, of_query);
  turned_round.k = remake_rows(reversed, Tensor::k, inputs.k, of_key);
  turned_round.v = remake_rows(reversed, Tensor::v, inputs.v, of_key);
  turned_round.keep = remake_keep(reversed, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(problem, inputs, b, problem.seq_q - 1 - i, key_of(b, j));
  });
  Trial trial(subject, which);
  if (!trial.takes(reversed)) return std::move(trial).result();
  ATTEST_TRY(const auto forward, trial.run(problem, inputs));
  ATTEST_TRY(const auto backward, trial.run(reversed, turned_round));
  if (!forward || !backward) return std::move(trial).result();
  Outputs straight = *backward;
  for_each_output_row(problem, [&](const RowAt& at) {
    copy_output_row(problem, straight, at, reversed, *backward, of_query(at));
  });
  const Expected bounds = trial.expected(problem, reference_attention(problem, inputs));
  const Expected of_reversed =
      trial.expected(reversed, reference_attention(reversed, turned_round));
  Expected other = of_reversed;
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  for_each_output_row(problem, [&](const RowAt& at) {
    const std::size_t to = row_index(problem, at);
    const std::size_t from = row_index(problem, of_query(at));
    other.lse[to] = of_reversed.lse[from];
    for (std::size_t d = 0; d < columns; ++d)
      other.o[to * columns + d] = of_reversed.o[from * columns + d];
  });
  trial.expect(problem, straight, expected_of(problem, *forward, bounds, other));
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return !(problem.mask.causal && problem.mask.window);
}

Problem focus(const Problem& problem, std::uint64_t) {
  Problem out = problem;
  if (!applies(out)) out.mask.window.reset();
  return out;
}

}  // namespace

Property property_time_reversed() {
  Property p;
  p.name = "time_reversed";
  p.sentence = "rows, keys and mask in reverse order give the rows of O in reverse, within bounds";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/window_off_by_one";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
