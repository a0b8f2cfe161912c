// A chunk of queries attends as it did in the whole: prefill in chunks, or a last row in decoding.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

namespace attest {
namespace {

bool has_position(const Mask& mask, Alignment alignment) {
  return mask.causal == alignment || (mask.window && mask.window->alignment == alignment);
}

/// Diagonals that end at the last row keep their place in the last chunk, those that begin at the
/// first row in the first one.
std::int64_t first_row(const Problem& problem, std::int64_t rows) {
  return has_position(problem.mask, Alignment::top_left) ? 0 : problem.seq_q - rows;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const std::uint64_t bits = derive_seed(problem.seed, 0);
  Problem chunk = problem;
  chunk.seq_q =
      bits % 4 == 0
          ? 1
          : 1 + static_cast<std::int64_t>(bits / 4 % static_cast<std::uint64_t>(problem.seq_q - 1));
  const std::int64_t first = first_row(problem, chunk.seq_q);
  const auto in_whole = [first](const RowAt& at) {
    return RowAt{at.batch, at.head, at.row + first};
  };
  Inputs of_chunk = inputs;
  of_chunk.q = remake_rows(chunk, Tensor::q, inputs.q, in_whole);
  of_chunk.keep = remake_keep(chunk, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(problem, inputs, b, i + first, j);
  });
  Trial trial(subject, which);
  if (!trial.takes(chunk)) return std::move(trial).result();
  ATTEST_TRY(const auto whole, trial.run(problem, inputs));
  ATTEST_TRY(const auto alone, trial.run(chunk, of_chunk));
  if (!whole || !alone) return std::move(trial).result();
  const Expected bounds = trial.expected(problem, reference_attention(problem, inputs));
  Expected part = expected_of(chunk, *alone);
  Outputs of_whole = *alone;
  const auto columns = static_cast<std::size_t>(problem.head_dim_v);
  for_each_output_row(chunk, [&](const RowAt& at) {
    const std::size_t to = row_index(chunk, at);
    const std::size_t from = row_index(problem, in_whole(at));
    copy_output_row(chunk, of_whole, at, problem, *whole, in_whole(at));
    part.lse[to] = bounds.lse[from];
    for (std::size_t d = 0; d < columns; ++d)
      part.o[to * columns + d] = bounds.o[from * columns + d];
  });
  trial.expect(
      chunk,
      *alone,
      expected_of(
          chunk, of_whole, part, trial.expected(chunk, reference_attention(chunk, of_chunk))));
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  const bool is_mixed = has_position(problem.mask, Alignment::top_left) &&
                        has_position(problem.mask, Alignment::bottom_right);
  return !is_mixed && problem.seq_q >= 2;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  if (out.seq_q < 2) out.seq_q = 2 + static_cast<std::int64_t>(bits % 130);
  if (!applies(out)) out.mask.window->alignment = *out.mask.causal;
  return out;
}

}  // namespace

Property property_queries_in_chunks() {
  Property p;
  p.name = "queries_in_chunks";
  p.sentence =
      "the last rows alone, or the first under top-left masks, agree with all rows at once";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/causal_always_top_left";
  p.suspicions = {{.fault_class = FaultClass::mask}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
