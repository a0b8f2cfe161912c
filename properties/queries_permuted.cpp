// Rows of Q do not know of each other: moved or repeated, each gives the same bits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

namespace attest {
namespace {

/// Where each row comes from: a permutation, or any rows at all.
std::vector<std::int64_t> row_sources(const Problem& problem) {
  const std::uint64_t seed = derive_seed(problem.seed, 0);
  std::vector<std::int64_t> from = permutation(problem.seq_q, seed, 0);
  if (seed % 2 == 0) return from;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from[i] = static_cast<std::int64_t>(random_bits(seed, 1, i) % from.size());
  }
  return from;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const std::vector<std::int64_t> from = row_sources(problem);
  const RowSource source = [&from](const RowAt& to) {
    return RowAt{to.batch, to.head, from[static_cast<std::size_t>(to.row)]};
  };
  Inputs moved = inputs;
  moved.q = remake_rows(problem, Tensor::q, inputs.q, source);
  moved.keep = remake_keep(problem, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(problem, inputs, b, from[static_cast<std::size_t>(i)], j);
  });
  Trial trial(subject, which);
  ATTEST_TRY(const auto straight, trial.run(problem, inputs));
  ATTEST_TRY(const auto mixed, trial.run(problem, moved));
  if (!straight || !mixed) return std::move(trial).result();
  Outputs expected = *mixed;
  for_each_output_row(problem, [&](const RowAt& to) {
    copy_output_row(problem, expected, to, problem, *straight, source(to));
  });
  trial.expect_equal(problem, *mixed, expected);
  return std::move(trial).result();
}

/// Causal and window masks refer to positions.
bool applies(const Problem& problem) {
  return !problem.mask.causal && !problem.mask.window && problem.seq_q >= 2;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  Problem out = problem;
  out.mask.causal.reset();
  out.mask.window.reset();
  if (out.seq_q < 2) out.seq_q = 2 + static_cast<std::int64_t>(bits % 130);
  return out;
}

}  // namespace

Property property_queries_permuted() {
  Property p;
  p.name = "queries_permuted";
  p.sentence = "without a mask by position, a row of O depends on its own row of Q alone";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/drops_last_query";
  p.suspicions = {{.fault_class = FaultClass::addressing}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
