// Batches and heads are independent of each other: in another order they give the same bits.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"

namespace attest {
namespace {

/// Where batch, kv head and head of q of the other order come from.
struct Order {
  std::vector<std::int64_t> batch;
  std::vector<std::int64_t> head_kv;
  std::vector<std::int64_t> in_group;

  explicit Order(const Problem& p) {
    const std::uint64_t seed = derive_seed(p.seed, 0);
    batch = permutation(p.batch, seed, 0);
    head_kv = permutation(p.heads_kv, seed, 1);
    in_group = permutation(p.heads_q / p.heads_kv, seed, 2);
  }
  [[nodiscard]] RowAt of_q(const RowAt& to) const {
    const auto group = static_cast<std::int64_t>(in_group.size());
    return {batch[static_cast<std::size_t>(to.batch)],
            head_kv[static_cast<std::size_t>(to.head / group)] * group +
                in_group[static_cast<std::size_t>(to.head % group)],
            to.row};
  }
  [[nodiscard]] RowAt of_kv(const RowAt& to) const {
    return {batch[static_cast<std::size_t>(to.batch)],
            head_kv[static_cast<std::size_t>(to.head)],
            to.row};
  }
};

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  const Order order(problem);
  Problem other = problem;
  if (problem.mask.kv_lengths) {
    for (std::size_t b = 0; b < order.batch.size(); ++b)
      (*other.mask.kv_lengths)[b] = kv_length(problem, order.batch[b]);
  }
  const auto of_q = [&order](const RowAt& to) { return order.of_q(to); };
  const auto of_kv = [&order](const RowAt& to) { return order.of_kv(to); };
  Inputs mixed;
  mixed.q = remake_rows(other, Tensor::q, inputs.q, of_q);
  mixed.k = remake_rows(other, Tensor::k, inputs.k, of_kv);
  mixed.v = remake_rows(other, Tensor::v, inputs.v, of_kv);
  mixed.keep = remake_keep(other, [&](std::int64_t b, std::int64_t i, std::int64_t j) {
    return tensor_keeps(problem, inputs, order.batch[static_cast<std::size_t>(b)], i, j);
  });
  mixed.kv_lengths = lengths_of(other);

  Trial trial(subject, which);
  ATTEST_TRY(const auto straight, trial.run(problem, inputs));
  ATTEST_TRY(const auto permuted, trial.run(other, mixed));
  if (!straight || !permuted) return std::move(trial).result();
  Outputs expected = *permuted;
  for_each_output_row(other, [&](const RowAt& to) {
    copy_output_row(other, expected, to, problem, *straight, order.of_q(to));
  });
  trial.expect_equal(other, *permuted, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  return problem.batch * problem.heads_q >= 2;
}

Problem focus(const Problem& problem, std::uint64_t bits) {
  if (applies(problem)) return problem;
  Problem out = problem;
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  out.heads_q = out.heads_kv * 2;
  if (bits % 2 != 0) out.heads_kv = out.heads_q;
  return out;
}

}  // namespace

Property property_heads_permuted() {
  Property p;
  p.name = "heads_permuted";
  p.sentence = "permuting batches, kv heads and the heads of a group permutes O and LSE";
  p.exactness = Exactness::bitwise;
  p.mutant = "zoo/gqa_wrong_divisor";
  p.suspicions = {{.fault_class = FaultClass::addressing}};
  p.runs = 2;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
