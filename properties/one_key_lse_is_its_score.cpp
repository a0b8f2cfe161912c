// The LSE of a row that keeps one key is that key's score, which integers make known.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "properties/property.h"
#include "properties/remake.h"
#include "properties/trial.h"
#include "reference/attention.h"

#include <algorithm>

namespace attest {
namespace {

/// -4 .. 4: products and sums of them are exact in every dtype's accumulator.
double small_integer(std::uint64_t seed, std::uint64_t tensor, const RowAt& at, std::int64_t d) {
  const auto head = static_cast<std::uint64_t>(at.batch * 64 + at.head);
  const std::uint64_t row = random_bits(seed, tensor, static_cast<std::uint64_t>(at.row));
  const std::uint64_t bits = random_bits(row, head, static_cast<std::uint64_t>(d));
  return static_cast<double>(bits % 9) - 4;
}

double dot(const Problem& problem, const Inputs& inputs, const RowAt& q, const RowAt& k) {
  double sum = 0;
  for (std::int64_t d = 0; d < problem.head_dim; ++d)
    sum += inputs.q.value(q.batch, q.head, q.row, d) * inputs.k.value(k.batch, k.head, k.row, d);
  return sum;
}

Result<CaseResult> check(const Subject& subject, const Case& which) {
  const Problem& problem = which.attention();
  Inputs inputs = draw_inputs(problem);
  inputs.q = remake_values(problem, Tensor::q, [&](const RowAt& at, std::int64_t d) {
    return small_integer(problem.seed, 0x71, at, d);
  });
  inputs.k = remake_values(problem, Tensor::k, [&](const RowAt& at, std::int64_t d) {
    return small_integer(problem.seed, 0x6b, at, d);
  });
  Trial trial(subject, which);
  ATTEST_TRY(const auto outputs, trial.run(problem, inputs));
  if (!outputs) return std::move(trial).result();
  const Expected bounds = trial.expected(problem, reference_attention(problem, inputs));
  Expected expected = expected_of(problem, *outputs);
  const auto scale = static_cast<double>(effective_scale(problem));
  const std::int64_t group = problem.heads_q / problem.heads_kv;
  for_each_output_row(problem, [&](const RowAt& at) {
    const std::vector<std::int64_t> kept = kept_by_all(problem, inputs, at.batch, at.row);
    if (kept.size() != 1) return;
    const std::size_t row = row_index(problem, at);
    const RowAt key{at.batch, at.head / group, kept.front()};
    expected.lse[row] = {scale * dot(problem, inputs, at, key), bounds.lse[row].bound, false};
  });
  trial.expect(problem, *outputs, expected);
  return std::move(trial).result();
}

bool applies(const Problem& problem) {
  if (!hides_by_minus_infinity(problem) || problem.batch == 0 || problem.seq_q == 0) return false;
  if (problem.seq_kv == 1) return true;
  const auto& window = problem.mask.window;
  return problem.seq_kv > 0 && window && window->left == 0 && window->right == 0;
}

Problem focus(const Problem& problem, std::uint64_t /*bits*/) {
  Problem out = problem;
  out.fill = Problem{}.fill;
  out.seq_q = std::max<std::int64_t>(out.seq_q, 1);
  out.seq_kv = std::max<std::int64_t>(out.seq_kv, 1);
  if (out.batch == 0) {
    out.batch = 1;
    if (out.mask.kv_lengths) out.mask.kv_lengths = {out.seq_kv};
  }
  if (applies(out)) return out;
  if (!out.mask.window) out.mask.window = Window{};
  out.mask.window->left = out.mask.window->right = 0;
  return out;
}

}  // namespace

Property property_one_key_lse_is_its_score() {
  Property p;
  p.name = "one_key_lse_is_its_score";
  p.sentence = "a row that keeps one key has LSE = scale * (q . k), known for small integers";
  p.exactness = Exactness::bounded;
  p.mutant = "zoo/half_of_head_dim";
  p.yardstick = Yardstick::known;
  p.suspicions = {{.fault_class = FaultClass::scores, .tensor = "lse"}};
  p.runs = 1;
  p.applies = applies;
  p.focus = focus;
  p.check = check;
  return p;
}

}  // namespace attest
